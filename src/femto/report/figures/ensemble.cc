// The members of an ensemble, parameter by parameter.
#include <algorithm>
#include <numeric>

#include "femto/report/curves.h"
#include "femto/report/figures.h"
#include "femto/report/spec.h"

namespace femto::report {

using nlohmann::json;

namespace {

json member_panel(const Parameter& p, double mean) {
  const json x = quantity("value", with_unit(p.name, p.unit));
  json layers = {
      layer(
          {{"type", "tick"}, {"thickness", 2}, {"opacity", 0.7}, {"color", colour::blue}},
          {{"x", x}}),
      rule_at("x", mean, colour::ink)};
  if (p.truth) layers.push_back(rule_at("x", *p.truth, colour::red));
  json view = panel("members", 36, std::move(layers));
  view["transform"] = {only("parameter", p.name)};
  return view;
}

}  // namespace

std::optional<Figure> ensemble(const Record& record) {
  const io::Array* members = record.array("ensemble/members");
  if (!members) return std::nullopt;
  Table table{"members",
              {{"member", "member"}, {"parameter", "parameter"}, {"value", "value"}},
              {}};
  json panels = json::array();
  const auto columns = columns_of(record, *members);
  for (std::size_t j = 0; j < columns.size(); ++j) {
    const auto values = column(*members, j);
    const auto [low, high] = std::ranges::minmax(values);
    if (low == high) continue;  // held fixed
    for (std::size_t m = 0; m < values.size(); ++m)
      table.add({m, columns[j].name, values[m]});
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    panels.push_back(member_panel(columns[j], sum / static_cast<double>(values.size())));
  }
  if (panels.empty()) return std::nullopt;
  return Figure{.id = "ensemble",
                .title = "The members",
                .caption =
                    "Each mark is one member. Dashed in the colour of the text: their "
                    "mean; dashed red: the truth, where the study gives it.",
                .spec = grid(panels),
                .tables = {std::move(table)},
                .columns = 3,
                .panel_width = 220};
}

}  // namespace femto::report
