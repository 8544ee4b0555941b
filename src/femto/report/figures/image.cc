// An image, its width and what determines it: pictures over x and y.
#include <algorithm>
#include <cmath>

#include "femto/report/figures.h"
#include "femto/report/spec.h"

namespace femto::report {

using nlohmann::json;

namespace {

/// Edges of pixels between and beside their centres.
std::vector<double> edges(const std::vector<double>& centres) {
  if (centres.size() == 1) return {centres[0] - 0.5, centres[0] + 0.5};
  std::vector<double> out = {centres[0] - (centres[1] - centres[0]) / 2};
  for (std::size_t i = 0; i + 1 < centres.size(); ++i)
    out.push_back((centres[i] + centres[i + 1]) / 2);
  out.push_back(centres.back() + (centres.back() - out.back()));
  return out;
}

json axis(const std::string& low, const std::string& high, const std::string& title) {
  json channel = quantity(low, title);
  channel["scale"] = {{"zero", false}, {"nice", false}};
  return {{"low", channel}, {"high", {{"field", high}}}};
}

/// One picture. Values on both sides of zero take a scale with white in the middle.
json picture(const std::string& field,
             const std::string& title,
             const json& labels,
             double low,
             double high) {
  const auto x = axis("x0", "x1", text_at(labels, "x_label"));
  const auto y = axis("y0", "y1", text_at(labels, "y_label"));
  json colours = {{"domain", {low, high}}, {"clamp", true}};
  colours["scheme"] = low < 0 ? "blueorange" : "viridis";
  json view = panel("image",
                    200,
                    {layer({{"type", "rect"}},
                           {{"x", x.at("low")},
                            {"x2", x.at("high")},
                            {"y", y.at("low")},
                            {"y2", y.at("high")},
                            {"color",
                             {{"field", field},
                              {"type", "quantitative"},
                              {"title", nullptr},
                              {"scale", colours}}}})});
  view["title"] = title;
  return view;
}

struct Range {
  double low = 0, high = 0;

  void take(const std::vector<double>& values) {
    for (const double v : values) low = std::min(low, v), high = std::max(high, v);
  }

  /// The same on both sides of zero where values are on both.
  Range balanced() const {
    const double size = std::max(-low, high);
    return low < -0.02 * size ? Range{-size, size} : Range{0, size};
  }
};

}  // namespace

std::optional<Figure> image(const Record& record) {
  const auto* x = record.array("image/x");
  const auto* y = record.array("image/y");
  const auto* mean = record.array("image/mean");
  const auto* sd = record.array("image/sd");
  const auto* prior = record.array("image/prior_sd");
  const auto* truth = record.array("image/truth");
  if (!x || !y || !mean || !sd || !prior) return std::nullopt;
  const std::size_t columns = x->values.size(), rows = y->values.size();
  for (const auto* a : {mean, sd, prior, truth})
    if (a && a->values.size() != columns * rows) return std::nullopt;
  Table table{"image",
              {{"x0", "x from"},
               {"x1", "x to"},
               {"y0", "y from"},
               {"y1", "y to"},
               {"mean", "posterior mean"},
               {"sd", "posterior standard deviation"},
               {"share", "posterior over prior standard deviation"}},
              {}};
  if (truth) {
    table.columns.push_back({"truth", "truth"});
    table.columns.push_back({"pull", "(mean - truth)/standard deviation"});
  }
  const auto ex = edges(x->values), ey = edges(y->values);
  for (std::size_t j = 0; j < rows; ++j)
    for (std::size_t i = 0; i < columns; ++i) {
      const std::size_t k = j * columns + i;
      const double m = mean->values[k], s = sd->values[k], p = prior->values[k];
      table.add({ex[i], ex[i + 1], ey[j], ey[j + 1], m, s, p > 0 ? s / p : 1});
      if (truth) {
        const double t = truth->values[k];
        for (const double v : {t, s > 0 ? (m - t) / s : 0.0})
          table.rows.back().push_back(v);
      }
    }
  Range values, widths;
  values.take(mean->values);
  if (truth) values.take(truth->values);
  widths.take(sd->values);
  const auto v = values.balanced();
  const json& labels = at(record.result, "image");
  json panels = json::array();
  const auto what = text_at(labels, "value_label");
  panels.push_back(picture("mean", what, labels, v.low, v.high));
  if (truth) panels.push_back(picture("truth", "truth", labels, v.low, v.high));
  panels.push_back(picture("sd", "posterior standard deviation", labels, 0, widths.high));
  panels.push_back(picture("share", "width left of the prior's", labels, 0, 1));
  if (truth)
    panels.push_back(picture("pull", "(mean - truth)/standard deviation", labels, -3, 3));
  json spec = grid(panels);
  spec["resolve"] = {{"scale", {{"color", "independent"}}}};
  return Figure{.id = "image",
                .title = "Image",
                .caption =
                    "Posterior mean and width. Where the width left is near one, the "
                    "image shows the prior and not a measurement.",
                .spec = std::move(spec),
                .tables = {std::move(table)},
                .columns = 2,
                .panel_width = 300};
}

}  // namespace femto::report
