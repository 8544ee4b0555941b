// Parameters on their way to the estimate.
#include "femto/report/curves.h"
#include "femto/report/figures.h"
#include "femto/report/spec.h"

namespace femto::report {

std::optional<Figure> trajectories(const Record& record) {
  Panels panels;
  const auto wanted = [](const std::string& key) { return key.starts_with("theta."); };
  for (const auto& key : metric_keys(record, wanted))
    add_series_panel(panels, record, key, key.substr(6), Scale::linear);
  if (panels.specs.empty()) return std::nullopt;
  const auto all = parameters(record);
  for (auto& view : panels.specs) {
    for (const Parameter& p : all) {
      if (p.truth && view["encoding"]["y"]["title"] == p.name) {
        auto line = layer(view["mark"], view["encoding"]);
        view.erase("mark");
        view.erase("encoding");
        view["layer"] = {line, rule_at("y", *p.truth, colour::ink)};
      }
    }
  }
  return Figure{.id = "trajectories",
                .title = "Parameters along the way",
                .caption =
                    "Each parameter at each iteration; dashed: the truth the data "
                    "were made with, where the study gives it.",
                .spec = grid(panels.specs),
                .tables = {std::move(panels.table)},
                .columns = 3,
                .panel_width = 220};
}

}  // namespace femto::report
