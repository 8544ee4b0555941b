// Profile likelihoods beside the parabola that the error alone would give.
#include <cmath>

#include "femto/report/figures.h"
#include "femto/report/spec.h"

namespace femto::report {

using nlohmann::json;

namespace {

/// 68.27 % and 95.45 % of a chi-square with one degree of freedom; 95 % is 3.841.
constexpr double level68 = 1.0, level95 = 3.841;
constexpr double highest = 9;

json profile_panel(const Parameter& p) {
  json y = quantity("profile", "−2 Δ ln L");
  y["scale"] = {{"domain", {0, highest}}};
  json parabola = y;
  parabola["field"] = "parabola";
  const json x = quantity("value", with_unit(p.name, p.unit));
  json layers = {rule_at("y", level68, colour::green),
                 rule_at("y", level95, colour::orange),
                 layer({{"type", "line"},
                        {"clip", true},
                        {"color", colour::ink},
                        {"opacity", 0.6},
                        {"strokeDash", {2, 2}}},
                       {{"x", x}, {"y", parabola}}),
                 layer({{"type", "line"},
                        {"clip", true},
                        {"point", {{"size", 12}}},
                        {"color", colour::blue}},
                       {{"x", x}, {"y", y}})};
  if (p.truth) layers.push_back(rule_at("x", *p.truth, colour::red));
  json view = panel("profiles", 150, std::move(layers));
  view["transform"] = {only("parameter", p.name)};
  view["title"] = p.name;
  return view;
}

}  // namespace

std::optional<Figure> profiles(const Record& record) {
  Table table{"profiles",
              {{"parameter", "parameter"},
               {"value", "value"},
               {"profile", "-2 delta ln L"},
               {"parabola", "parabola of the error"}},
              {}};
  json panels = json::array();
  for (const Parameter& p : parameters(record)) {
    const io::Array* x = record.array("profile/" + p.name + "/value");
    const io::Array* y = record.array("profile/" + p.name + "/delta2nll");
    if (!x || !y || x->values.empty() || x->values.size() != y->values.size()) continue;
    for (std::size_t i = 0; i < x->values.size(); ++i) {
      const json parabola = p.value && p.std && *p.std > 0
                                ? json(std::pow((x->values[i] - *p.value) / *p.std, 2))
                                : json();
      table.add({p.name, x->values[i], y->values[i], parabola});
    }
    panels.push_back(profile_panel(p));
  }
  if (panels.empty()) return std::nullopt;
  return Figure{.id = "profiles",
                .title = "Profile likelihoods",
                .caption =
                    "Each parameter held at a value while all others are fitted anew. "
                    "Where the curve crosses the lower (upper) dashed line lie the "
                    "ends of the 68 % (95 %) interval. Dotted: the parabola that the "
                    "error alone would give; where the two part, trust the profile.",
                .spec = grid(panels),
                .tables = {std::move(table)},
                .columns = 3,
                .panel_width = 220};
}

}  // namespace femto::report
