// All pairs of parameters: draws below the diagonal, marginals on it, correlations above.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include <fmt/core.h>

#include "femto/report/curves.h"
#include "femto/report/figures.h"
#include "femto/report/spec.h"

namespace femto::report {

using nlohmann::json;

namespace {

constexpr std::size_t most_parameters = 7;
constexpr std::size_t most_points = 400;
constexpr std::size_t bins = 24;

/// Radii of ellipses that hold 68 % and 95 % of a two-dimensional normal distribution:
/// sqrt(-2 ln(1 - level)).
constexpr double radius68 = 1.5096, radius95 = 2.4477;

struct Axis {
  Parameter parameter;
  std::vector<double> draws;
  double mean = 0, sd = 0, low = 0, high = 0;
};

Axis make_axis(Parameter p, std::vector<double> draws) {
  const auto n = static_cast<double>(draws.size());
  Axis a{std::move(p), std::move(draws)};
  a.mean = std::accumulate(a.draws.begin(), a.draws.end(), 0.0) / n;
  double squares = 0;
  for (const double x : a.draws) squares += (x - a.mean) * (x - a.mean);
  a.sd = std::sqrt(squares / std::max(1.0, n - 1));
  std::vector<double> sorted = a.draws;
  std::ranges::sort(sorted);
  const auto quantile = [&](double q) {
    return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1))];
  };
  const double margin = 0.3 * a.sd;
  a.low = quantile(0.002) - margin;
  a.high = quantile(0.998) + margin;
  return a;
}

/// Draws of the posterior where there are any, else those of the fit: [draw, quantity].
std::optional<io::Array> draws_of(const Record& record) {
  if (const auto* chains = record.array("posterior/draws");
      chains && chains->shape.size() == 3) {
    io::Array out = *chains;
    out.shape = {chains->shape[0] * chains->shape[1], chains->shape[2]};
    return out;
  }
  const auto* draws = record.array("samples/parameters");
  return draws ? std::optional(*draws) : std::nullopt;
}

std::vector<Axis> axes_of(const Record& record) {
  const auto draws = draws_of(record);
  if (!draws) return {};
  std::vector<Axis> axes;
  const auto columns = columns_of(record, *draws);
  for (std::size_t j = 0; j < columns.size() && axes.size() < most_parameters; ++j) {
    if (!columns[j].identified) continue;
    auto values = column(*draws, j);
    if (!std::ranges::all_of(values, [](double x) { return std::isfinite(x); })) continue;
    Axis a = make_axis(columns[j], std::move(values));
    if (a.sd > 0) axes.push_back(std::move(a));
  }
  return axes;
}

double correlation(const Axis& a, const Axis& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.draws.size(); ++i)
    sum += (a.draws[i] - a.mean) * (b.draws[i] - b.mean);
  return sum / (a.sd * b.sd *
                static_cast<double>(std::max<std::size_t>(1, a.draws.size() - 1)));
}

std::string key(std::size_t j) {
  return fmt::format("p{}", j);
}

Table draws_table(const std::vector<Axis>& axes) {
  Table t{"draws", {}, {}};
  for (std::size_t j = 0; j < axes.size(); ++j)
    t.columns.push_back({key(j), axes[j].parameter.name});
  const std::size_t n = axes.front().draws.size();
  const std::size_t shown = std::min(n, most_points);
  for (std::size_t s = 0; s < shown; ++s) {
    t.add({});
    for (const Axis& a : axes)
      t.rows.back().push_back(std::round(a.draws[s * n / shown] / a.sd * 1e4) * a.sd /
                              1e4);
  }
  return t;
}

Table marginals_table(const std::vector<Axis>& axes) {
  Table t{"marginals",
          {{"parameter", "parameter"},
           {"low", "bin start"},
           {"high", "bin end"},
           {"density", "fraction of draws"}},
          {}};
  for (const Axis& a : axes) {
    std::vector<double> counts(bins, 0.0);
    const double width = (a.high - a.low) / static_cast<double>(bins);
    for (const double x : a.draws) {
      const double at_bin = (x - a.low) / width;
      if (at_bin >= 0 && at_bin < static_cast<double>(bins))
        counts[static_cast<std::size_t>(at_bin)] +=
            1.0 / static_cast<double>(a.draws.size());
    }
    for (std::size_t b = 0; b < bins; ++b) {
      const double low = a.low + width * static_cast<double>(b);
      t.add({a.parameter.name, low, low + width, counts[b]});
    }
  }
  return t;
}

Table ellipses_table(const std::vector<Axis>& axes) {
  Table t{
      "ellipses",
      {{"pair", "pair"}, {"level", "level"}, {"step", "step"}, {"x", "x"}, {"y", "y"}},
      {}};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double r = std::clamp(correlation(axes[j], axes[i]), -1.0, 1.0);
      for (const auto& [level, radius] :
           {std::pair{"68 %", radius68}, {"95 %", radius95}}) {
        for (int s = 0; s <= 48; ++s) {
          const double angle = 2 * std::numbers::pi * s / 48;
          const double u = radius * std::cos(angle), v = radius * std::sin(angle);
          t.add({key(j) + key(i),
                 level,
                 s,
                 axes[j].mean + axes[j].sd * u,
                 axes[i].mean + axes[i].sd * (r * u + std::sqrt(1 - r * r) * v)});
        }
      }
    }
  }
  return t;
}

json channel(const std::string& field, const Axis& a, bool labelled) {
  json c = quantity(field, with_unit(a.parameter.name, a.parameter.unit));
  c["scale"] = {{"domain", {a.low, a.high}}, {"nice", false}};
  c["axis"] = {
      {"tickCount", 3}, {"grid", false}, {"labelBound", 10}, {"labelFlush", false}};
  if (!labelled) c["axis"].update({{"labels", false}, {"title", nullptr}});
  return c;
}

json square(const std::string& table, json layers) {
  json view = panel(table, 0, std::move(layers));
  view["height"] = "panel";
  return view;
}

json marginal(const std::vector<Axis>& axes, std::size_t i) {
  const Axis& a = axes[i];
  const bool last = i + 1 == axes.size();
  json y = quantity("density", "");
  y["scale"] = {{"zero", true}};
  y["axis"] = nullptr;
  json layers = {layer({{"type", "rect"}, {"color", colour::sky}, {"clip", true}},
                       {{"x", channel("low", a, last)},
                        {"x2", {{"field", "high"}}},
                        {"y", y},
                        {"y2", {{"datum", 0}}}})};
  if (a.parameter.truth) layers.push_back(rule_at("x", *a.parameter.truth, colour::red));
  json view = square("marginals", std::move(layers));
  view["transform"] = {only("parameter", a.parameter.name)};
  return view;
}

json pair(const std::vector<Axis>& axes, std::size_t i, std::size_t j) {
  const json x = channel(key(j), axes[j], i + 1 == axes.size());
  const json y = channel(key(i), axes[i], j == 0);
  json ex = x, ey = y;
  ex["field"] = "x";
  ey["field"] = "y";
  json ellipse = layer(
      {{"type", "line"}, {"clip", true}, {"color", colour::ink}, {"strokeWidth", 1}},
      {{"x", ex},
       {"y", ey},
       {"order", {{"field", "step"}}},
       {"detail", {{"field", "level"}}}});
  ellipse["data"] = {{"name", "ellipses"}};
  ellipse["transform"] = {only("pair", key(j) + key(i))};
  json layers = {layer({{"type", "circle"},
                        {"size", 6},
                        {"clip", true},
                        {"opacity", 0.45},
                        {"color", colour::blue}},
                       {{"x", x}, {"y", y}}),
                 ellipse};
  if (axes[j].parameter.truth)
    layers.push_back(rule_at("x", *axes[j].parameter.truth, colour::red));
  if (axes[i].parameter.truth)
    layers.push_back(rule_at("y", *axes[i].parameter.truth, colour::red));
  return square("draws", std::move(layers));
}

/// The correlation in words and as a shade.
json correlation_cell(double r) {
  const json row = {{"r", std::round(r * 100) / 100}};
  json view = square("", json::array());
  view["data"] = {{"values", {row}}};
  view["layer"].push_back(
      layer({{"type", "text"}, {"fontSize", 12}, {"color", colour::ink}},
            {{"text", {{"field", "r"}, {"type", "quantitative"}, {"format", "+.2f"}}}}));
  view["view"] = {{"stroke", nullptr},
                  {"fill", r < 0 ? colour::orange : colour::blue},
                  {"fillOpacity", 0.4 * std::fabs(r)}};
  return view;
}

}  // namespace

std::optional<Figure> corner(const Record& record) {
  const auto axes = axes_of(record);
  if (axes.size() < 2) return std::nullopt;
  json panels = json::array();
  for (std::size_t i = 0; i < axes.size(); ++i) {
    for (std::size_t j = 0; j < axes.size(); ++j) {
      if (i == j) panels.push_back(marginal(axes, i));
      if (j < i) panels.push_back(pair(axes, i, j));
      if (j > i) panels.push_back(correlation_cell(correlation(axes[j], axes[i])));
    }
  }
  json spec = grid(std::move(panels));
  spec["spacing"] = 8;
  spec["bounds"] = "flush";
  return Figure{
      .id = "corner",
      .title = "Parameters in pairs",
      .caption = fmt::format(
          "Below the diagonal: up to {} of the {} draws, with the ellipses that hold 68 % "
          "and 95 % of a normal distribution of the same covariance. On the diagonal: "
          "all draws. Above: correlation coefficients. Parameters that the data cannot "
          "determine are left out.",
          most_points,
          axes.front().draws.size()),
      .spec = spec,
      .tables = {draws_table(axes), marginals_table(axes), ellipses_table(axes)},
      .columns = static_cast<int>(axes.size()),
      .panel_width = 84,
      .fixed_columns = true};
}

}  // namespace femto::report
