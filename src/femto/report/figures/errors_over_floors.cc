// Errors in units of the smallest error that any unbiased method could reach.
#include "femto/report/figures.h"
#include "femto/report/spec.h"

namespace femto::report {

using nlohmann::json;

std::optional<Figure> errors_over_floors(const Record& record) {
  Table table{
      "ratios", {{"parameter", "parameter"}, {"ratio", "std / Cramer-Rao floor"}}, {}};
  for (const Parameter& p : parameters(record)) {
    if (p.identified && p.std && p.floor && *p.floor > 0)
      table.add({p.name, *p.std / *p.floor});
  }
  if (table.rows.empty()) return std::nullopt;
  json x = quantity("ratio", "std / Cramér–Rao floor");
  x["scale"] = {{"zero", true}};
  const json y = {
      {"field", "parameter"}, {"type", "nominal"}, {"sort", nullptr}, {"title", nullptr}};
  const auto height = 30 + 24 * static_cast<int>(table.rows.size());
  const json spec =
      panel("ratios",
            height,
            {layer({{"type", "bar"}, {"color", colour::sky}, {"height", {{"band", 0.6}}}},
                   {{"x", x}, {"y", y}}),
             rule_at("x", 1, colour::red)});
  return Figure{.id = "errors-over-floors",
                .title = "Errors over floors",
                .caption =
                    "1 (dashed) is the best that any unbiased method could do with "
                    "these data; much above 1, information was lost on the way.",
                .spec = spec,
                .tables = {std::move(table)},
                .panel_width = 420};
}

}  // namespace femto::report
