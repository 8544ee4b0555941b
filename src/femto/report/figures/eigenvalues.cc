// Eigenvalues of the information per record: stiff, sloppy and null directions.
#include "femto/report/figures.h"
#include "femto/report/spec.h"

namespace femto::report {

using nlohmann::json;

std::optional<Figure> eigenvalues(const Record& record) {
  const json& all = at(at(record.result, "identifiability"), "eigenvalues");
  if (!all.is_array() || all.empty()) return std::nullopt;
  double largest = 0;
  for (const json& e : all) {
    if (e.is_number()) largest = std::max(largest, e.get<double>());
  }
  Table table{"eigenvalues", {{"number", "number"}, {"eigenvalue", "eigenvalue"}}, {}};
  std::size_t zero = 0;
  for (const json& e : all) {
    if (e.is_number() && e.get<double>() > 1e-14 * largest) {
      table.add({table.rows.size() + 1, e.get<double>()});
    } else {
      ++zero;
    }
  }
  if (table.rows.empty()) return std::nullopt;
  std::string caption =
      "Information that one record carries along each direction in parameter space, from "
      "the least known on the left to the best known on the right; a small one is a "
      "combination that needs many events.";
  if (zero > 0)
    caption +=
        " Directions with exactly no information are not drawn: " + std::to_string(zero) +
        ".";
  const json x = {{"field", "number"},
                  {"type", "ordinal"},
                  {"title", "direction"},
                  {"axis", {{"labelAngle", 0}}}};
  const json y = logarithmic("eigenvalue", "eigenvalue per record");
  const json spec = panel(
      "eigenvalues",
      180,
      {layer({{"type", "line"}, {"color", colour::ink}, {"opacity", 0.25}},
             {{"x", x}, {"y", y}}),
       layer({{"type", "point"}, {"filled", true}, {"size", 90}, {"color", colour::blue}},
             {{"x", x}, {"y", y}})});
  return Figure{.id = "eigenvalues",
                .title = "Eigenvalues of the information",
                .caption = caption,
                .spec = spec,
                .tables = {std::move(table)},
                .panel_width = 420};
}

}  // namespace femto::report
