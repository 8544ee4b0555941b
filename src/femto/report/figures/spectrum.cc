// What data see of an image or of parameters with a prior, component by component.
#include "femto/report/figures.h"
#include "femto/report/spec.h"

namespace femto::report {

using nlohmann::json;

namespace {

std::optional<Figure> spectrum_of(const Record& record,
                                  const std::string& array,
                                  const std::string& id,
                                  const std::string& caption) {
  const auto* information = record.array(array);
  if (!information || information->values.empty()) return std::nullopt;
  Table table{"spectrum", {{"number", "component"}, {"information", "information"}}, {}};
  for (const double one : information->values)
    if (one > 1e-8) table.add({table.rows.size() + 1, one});
  if (table.rows.empty()) return std::nullopt;
  json x = quantity("number", "component");
  x["scale"]["zero"] = true;
  const json y = logarithmic("information", "information of data over prior");
  const json spec =
      panel("spectrum",
            200,
            {layer({{"type", "line"}, {"strokeWidth", 1.5}, {"color", colour::blue}},
                   {{"x", x}, {"y", y}}),
             rule_at("y", 1, colour::red)});
  return Figure{.id = id,
                .title = "What the data see",
                .caption = caption +
                           " Above the dashed line data say more than the "
                           "prior; far below it the components are null.",
                .spec = spec,
                .tables = {std::move(table)},
                .panel_width = 420};
}

}  // namespace

std::optional<Figure> image_spectrum(const Record& record) {
  return spectrum_of(
      record,
      "image/information",
      "image-spectrum",
      "Squared singular values of the response, in units of data errors and "
      "prior widths.");
}

std::optional<Figure> component_spectrum(const Record& record) {
  return spectrum_of(
      record,
      "components/information",
      "component-spectrum",
      "Information of the data on combinations of the parameters, over that "
      "of priors, constraints and calibrations.");
}

}  // namespace femto::report
