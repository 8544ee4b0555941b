// An image, its width and what determines it: pictures over x and y.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

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
json picture(const std::string& table,
             const std::string& field,
             const std::string& title,
             const json& labels,
             double low,
             double high) {
  const auto x = axis("x0", "x1", text_at(labels, "x_label"));
  const auto y = axis("y0", "y1", text_at(labels, "y_label"));
  json colours = {{"domain", {low, high}}, {"clamp", true}};
  colours["scheme"] = low < 0 ? "blueorange" : "viridis";
  json view = panel(table,
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

/// What is known of every pixel of all pictures.
struct Pixels {
  const io::Array *x, *y, *mean, *sd, *prior, *truth;

  explicit Pixels(const Record& record)
      : x(record.array("image/x")),
        y(record.array("image/y")),
        mean(record.array("image/mean")),
        sd(record.array("image/sd")),
        prior(record.array("image/prior_sd")),
        truth(record.array("image/truth")) {}

  std::size_t each() const { return x->values.size() * y->values.size(); }

  bool complete() const {
    if (!x || !y || !mean || !sd || !prior || each() == 0) return false;
    for (const auto* a : {sd, prior, truth})
      if (a && a->values.size() != mean->values.size()) return false;
    return !mean->values.empty() && mean->values.size() % each() == 0;
  }
};

/// Name, table and panels of one picture.
struct Drawn {
  std::string label;
  Table table;
  json panels = json::array();
};

void fill(Table& table, const Pixels& all, std::size_t first) {
  const std::size_t columns = all.x->values.size(), rows = all.y->values.size();
  const auto ex = edges(all.x->values), ey = edges(all.y->values);
  for (std::size_t j = 0; j < rows; ++j)
    for (std::size_t i = 0; i < columns; ++i) {
      const std::size_t k = first + j * columns + i;
      const double m = all.mean->values[k], s = all.sd->values[k],
                   p = all.prior->values[k];
      table.add({ex[i], ex[i + 1], ey[j], ey[j + 1], m, s, p > 0 ? s / p : 1});
      if (!all.truth) continue;
      const double t = all.truth->values[k];
      for (const double v : {t, s > 0 ? (m - t) / s : 0.0})
        table.rows.back().push_back(v);
    }
}

/// `name`: of its table. `several`: titles say which picture they belong to.
Drawn drawn(const std::string& name,
            const std::string& label,
            const Pixels& all,
            std::size_t number,
            const json& labels,
            bool several) {
  Drawn out{label,
            {name,
             {{"x0", "x from"},
              {"x1", "x to"},
              {"y0", "y from"},
              {"y1", "y to"},
              {"mean", "posterior mean"},
              {"sd", "posterior standard deviation"},
              {"share", "posterior over prior standard deviation"}},
             {}}};
  if (all.truth) {
    out.table.columns.push_back({"truth", "truth"});
    out.table.columns.push_back({"pull", "(mean - truth)/standard deviation"});
  }
  const std::size_t first = number * all.each();
  fill(out.table, all, first);
  const auto part = [&](const io::Array* a) {
    const auto from = a->values.begin() + static_cast<std::ptrdiff_t>(first);
    return std::vector<double>(from, from + static_cast<std::ptrdiff_t>(all.each()));
  };
  Range values, widths;
  values.take(part(all.mean));
  if (all.truth) values.take(part(all.truth));
  widths.take(part(all.sd));
  const auto v = values.balanced();
  const auto add =
      [&](const char* field, const std::string& title, double low, double high) {
        const bool own = !several || title == label;
        out.panels.push_back(
            picture(name, field, own ? title : label + ": " + title, labels, low, high));
      };
  add("mean", label, v.low, v.high);
  if (all.truth) add("truth", "truth", v.low, v.high);
  add("sd", "posterior standard deviation", 0, widths.high);
  add("share", "width left of the prior's", 0, 1);
  if (all.truth) add("pull", "(mean - truth)/standard deviation", -3, 3);
  return out;
}

}  // namespace

std::optional<Figure> image(const Record& record) {
  const Pixels all(record);
  if (!all.complete()) return std::nullopt;
  const json& labels = at(record.result, "image");
  const std::size_t pictures = all.mean->values.size() / all.each();
  std::vector<Table> tables;
  json panels = json::array();
  for (std::size_t p = 0; p < pictures; ++p) {
    const json& known = at(labels, "pictures");
    const auto label = known.is_array() && p < known.size() ? text_at(known[p], "label")
                                                            : "posterior mean";
    auto one = drawn(p == 0 ? "image" : fmt::format("image_{}", p + 1),
                     label,
                     all,
                     p,
                     labels,
                     pictures > 1);
    for (auto& view : one.panels) panels.push_back(std::move(view));
    tables.push_back(std::move(one.table));
  }
  json spec = grid(panels);
  spec["resolve"] = {{"scale", {{"color", "independent"}}}};
  return Figure{.id = "image",
                .title = pictures > 1 ? "Images" : "Image",
                .caption =
                    "Posterior mean and width. Where the width left is near one, the "
                    "image shows the prior and not a measurement.",
                .spec = std::move(spec),
                .tables = std::move(tables),
                .columns = 2,
                .panel_width = 300};
}

}  // namespace femto::report
