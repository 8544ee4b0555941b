// Distance from the truth in units of the error, where the truth is known.
#include "femto/report/figures.h"
#include "femto/report/spec.h"

namespace femto::report {

using nlohmann::json;

std::optional<Figure> pulls(const Record& record) {
  Table table{
      "pulls", {{"parameter", "parameter"}, {"pull", "(estimate - truth)/std"}}, {}};
  for (const Parameter& p : parameters(record)) {
    if (p.pull && p.identified) table.add({p.name, *p.pull});
  }
  if (table.rows.empty()) return std::nullopt;
  json x = quantity("pull", "(estimate − truth) / std");
  x["scale"] = {{"domainMin", -3}, {"domainMax", 3}};
  for (const json& row : table.rows) {
    if (row[1].get<double>() < -3 || row[1].get<double>() > 3) x["scale"].clear();
  }
  const json y = {
      {"field", "parameter"}, {"type", "nominal"}, {"sort", nullptr}, {"title", nullptr}};
  const auto height = 30 + 24 * static_cast<int>(table.rows.size());
  const json spec = panel(
      "pulls",
      height,
      {rule_at("x", 0, colour::ink),
       rule_at("x", -2, colour::orange),
       rule_at("x", 2, colour::orange),
       layer({{"type", "point"}, {"filled", true}, {"size", 70}, {"color", colour::blue}},
             {{"x", x}, {"y", y}})});
  return Figure{.id = "pulls",
                .title = "Pulls",
                .caption =
                    "The truth the data were made with is known here: this is how far "
                    "each estimate lies from it. 95 % of pulls lie between the "
                    "orange lines when errors are honest.",
                .spec = spec,
                .tables = {std::move(table)},
                .panel_width = 420};
}

}  // namespace femto::report
