// How fast the gradient vanishes.
#include "femto/report/curves.h"
#include "femto/report/figures.h"
#include "femto/report/spec.h"

namespace femto::report {

std::optional<Figure> gradient_norm(const Record& record) {
  Panels panels;
  const auto wanted = [](const std::string& key) { return key.starts_with("gradient"); };
  for (const auto& key : metric_keys(record, wanted)) {
    std::string title = key;
    for (char& c : title) c = c == '_' ? ' ' : c;
    add_series_panel(panels, record, key, title, Scale::logarithmic);
  }
  if (panels.specs.empty()) return std::nullopt;
  return Figure{.id = "gradient-norm",
                .title = "Gradient norm",
                .caption =
                    "Length of the gradient at each iteration; a finished "
                    "second-order fit falls by many powers of ten.",
                .spec = grid(panels.specs),
                .tables = {std::move(panels.table)},
                .columns = 2};
}

}  // namespace femto::report
