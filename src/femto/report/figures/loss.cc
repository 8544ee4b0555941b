// What the solver minimises, against the iteration.
#include <algorithm>
#include <limits>

#include "femto/report/curves.h"
#include "femto/report/figures.h"
#include "femto/report/spec.h"

namespace femto::report {

namespace {

bool is_likelihood(const std::string& key) {
  return key == "nll" || key == "objective";
}

bool is_loss(const std::string& key) {
  return key.starts_with("loss") || is_likelihood(key);
}

double lowest(const std::vector<Series>& all) {
  double low = std::numeric_limits<double>::infinity();
  for (const Series& s : all) low = std::min(low, *std::ranges::min_element(s.value));
  return low;
}

std::string title_of(std::string key) {
  std::replace(key.begin(), key.end(), '_', ' ');
  return key;
}

}  // namespace

std::optional<Figure> loss(const Record& record) {
  Panels panels;
  for (const auto& key : metric_keys(record, is_loss)) {
    if (is_likelihood(key)) {
      const double offset = lowest(series(record, key));
      add_series_panel(
          panels, record, key, key + " above its lowest", Scale::logarithmic, offset);
    } else {
      add_series_panel(panels, record, key, title_of(key), Scale::linear);
    }
  }
  if (panels.specs.empty()) return std::nullopt;
  return Figure{.id = "loss",
                .title = "Loss",
                .caption =
                    "What the solver minimises, at each iteration. A likelihood is "
                    "drawn as its distance from the lowest value reached.",
                .spec = grid(panels.specs),
                .tables = {std::move(panels.table)},
                .columns = 2};
}

}  // namespace femto::report
