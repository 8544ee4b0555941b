// Correlations between unfolded bins.
#include <cmath>

#include "femto/report/figures.h"
#include "femto/report/spec.h"

namespace femto::report {

using nlohmann::json;

std::optional<Figure> unfolded_correlation(const Record& record) {
  const io::Array* c = record.array("unfolded_covariance");
  if (!c || c->shape.size() != 2 || c->shape[0] != c->shape[1] || c->shape[0] < 2)
    return std::nullopt;
  const std::size_t n = c->shape[0];
  Table table{
      "correlation", {{"a", "bin"}, {"b", "other bin"}, {"value", "correlation"}}, {}};
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      const double own = c->values[i * n + i] * c->values[j * n + j];
      table.add({i, j, own > 0 ? json(c->values[i * n + j] / std::sqrt(own)) : json()});
    }
  const auto axis = [](const char* field, const char* title) {
    return json{{"field", field},
                {"type", "ordinal"},
                {"title", title},
                {"axis", {{"labelOverlap", true}}}};
  };
  json view =
      panel("correlation",
            280,
            {layer({{"type", "rect"}},
                   {{"x", axis("a", "bin")},
                    {"y", axis("b", "bin")},
                    {"color",
                     {{"field", "value"},
                      {"type", "quantitative"},
                      {"title", "correlation"},
                      {"scale", {{"scheme", "blueorange"}, {"domain", {-1, 1}}}}}}})});
  return Figure{.id = "unfolded-correlation",
                .title = "Correlation of the bins",
                .caption =
                    "Bootstrap correlation between bins, those of all columns in "
                    "turn.",
                .spec = grid({view}),
                .tables = {std::move(table)},
                .columns = 2,
                .panel_width = 320};
}

}  // namespace femto::report
