// Likelihood ratios of the data against what toys allow them to be.
#include "femto/report/figures.h"
#include "femto/report/numbers.h"
#include "femto/report/spec.h"

namespace femto::report {

using nlohmann::json;

namespace {

json belt_panel(const Parameter& p) {
  const json x = quantity("value", with_unit(p.name, p.unit));
  const auto line = [&](const char* field, std::string_view colour, bool dashed) {
    json mark = {{"type", "line"}, {"clip", true}, {"color", colour}};
    if (dashed) mark["strokeDash"] = {4, 3};
    if (!dashed) mark["point"] = {{"size", 14}};
    return layer(mark, {{"x", x}, {"y", quantity(field, "−2 Δ ln L")}});
  };
  json layers = {line("critical68", colour::green, true),
                 line("critical95", colour::orange, true),
                 line("rise", colour::blue, false)};
  if (p.truth) layers.push_back(rule_at("x", *p.truth, colour::red));
  json view = panel("belt", 150, std::move(layers));
  view["transform"] = {only("parameter", p.name)};
  view["title"] = p.name;
  return view;
}

}  // namespace

std::optional<Figure> belt(const Record& record) {
  Table table{"belt",
              {{"parameter", "parameter"},
               {"value", "value"},
               {"rise", "-2 delta ln L of the data"},
               {"critical68", "not exceeded by 68 % of toys"},
               {"critical95", "not exceeded by 95 % of toys"}},
              {}};
  json panels = json::array();
  for (const Parameter& p : parameters(record)) {
    const auto column = [&](const char* key) {
      return record.array("belt/" + p.name + "/" + key);
    };
    const auto *value = column("value"), *rise = column("delta2nll"),
               *c68 = column("critical68"), *c95 = column("critical95");
    if (!value || !rise || !c68 || !c95) continue;
    for (std::size_t i = 0; i < value->values.size(); ++i)
      table.add(
          {p.name, value->values[i], rise->values[i], c68->values[i], c95->values[i]});
    panels.push_back(belt_panel(p));
  }
  if (panels.empty()) return std::nullopt;
  return Figure{.id = "belt",
                .title = "Intervals by toys",
                .caption =
                    "Line with points: how much worse the data fit when the quantity "
                    "is held at a value. Dashed: what 68 % (green) and 95 % (orange) "
                    "of toys drawn there stay below; 1.00 and 3.84 where the problem "
                    "is regular. Values at which the line lies below a dashed one "
                    "belong to that interval.",
                .spec = grid(panels),
                .tables = {std::move(table)},
                .columns = 2,
                .panel_width = 300};
}

}  // namespace femto::report
