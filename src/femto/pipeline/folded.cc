// Folds true densities step by step and keeps the result as polynomials.
#include "femto/pipeline/folded.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/pipeline/density.h"
#include "femto/pipeline/kept_part.h"

namespace femto {
namespace {

constexpr std::size_t block = 256;
/// Parts of a true axis, equal in its graded coordinate, on which a theory is smooth.
constexpr std::size_t graded_parts = 16;

/// Every third edge and all breaks: an integral needs fewer nodes than interpolation
/// does.
std::vector<double> thinned(const std::vector<double>& edges,
                            const std::vector<double>& breaks) {
  std::vector<double> out{edges.front()};
  std::size_t skipped = 0;
  for (std::size_t e = 1; e < edges.size(); ++e) {
    const bool needed = e + 1 == edges.size() || std::ranges::count(breaks, edges[e]) > 0;
    if (!needed && ++skipped < 3) continue;
    out.push_back(edges[e]);
    skipped = 0;
  }
  return out;
}

/// Of row 0, over what the channel keeps.
double integral(const Intensity& in, const Channel& channel) {
  if (channel.keeps) return kept_integral(in, channel.keeps);
  const Matrix rest = integrated(in, 0);
  double sum = 0;
  for (std::size_t i = 0; i < rest.cols; ++i)
    sum += rest(0, i) * (in.axes.size() == 2 ? in.axes[1].weight[i] : 1);
  return sum;
}

}  // namespace

FoldedTheory::FoldedTheory(const Theory& truth, std::vector<const Step*> steps)
    : truth_(truth), steps_(std::move(steps)), parameters_(truth.parameters()) {
  for (const auto* step : steps_)
    for (const auto& nuisance : step->nuisances())
      parameters_.push_back(nuisance.parameter);
  for (std::size_t c = 0; c < truth_.channels().size(); ++c)
    grids_.push_back(true_grid(c));
  std::vector<double> start;
  for (const auto& p : parameters_) start.push_back(p.start);
  channels_ = steps_.empty() ? truth_.channels() : steps_.back()->channels();
  const auto shapes = measured_at(start);
  expect(shapes.size() == channels_.size(), "steps fold into the channels they announce");
  for (std::size_t c = 0; c < shapes.size(); ++c) {
    measured_.push_back(shapes[c].axes);
    for (std::size_t a = 0; a < channels_[c].axes.size(); ++a) {
      auto& axis = channels_[c].axes[a];
      axis.lo = shapes[c].axes[a].lo();
      axis.hi = shapes[c].axes[a].hi();
      axis.grading = Grading::uniform;
      axis.breaks = breaks(axis.column, axis.lo, axis.hi);
      axis.panels = thinned(shapes[c].axes[a].edges, axis.breaks);
      if (channels_[c].keeps && a == 0)
        axis.panels = fine_enough(shapes[c].axes[a]).edges;
    }
  }
}

std::vector<double> FoldedTheory::breaks(const std::string& column,
                                         double lo,
                                         double hi) const {
  std::vector<double> out;
  for (const auto* step : steps_)
    for (const double at : step->breaks(column))
      if (at > lo && at < hi) out.push_back(at);
  std::ranges::sort(out);
  return out;
}

Panels FoldedTheory::panels(const std::string& column, double lo, double hi) const {
  std::vector<double> edges = breaks(column, lo, hi);
  edges.insert(edges.end(), {lo, hi});
  return refined(std::move(edges), [&](double x) {
    double width = (hi - lo) / 8;
    for (const auto* step : steps_) width = std::min(width, step->panel(column, x));
    return width;
  });
}

FoldedTheory::TrueGrid FoldedTheory::true_grid(std::size_t channel) const {
  TrueGrid grid;
  std::size_t nodes = 1;
  for (const auto& axis : truth_.channels()[channel].axes) {
    auto edges = panels(axis.column, axis.lo, axis.hi).edges;
    for (std::size_t i = 1; i < graded_parts; ++i)
      edges.push_back(graded(axis, static_cast<double>(i) / graded_parts).x);
    edges.insert(edges.end(), axis.breaks.begin(), axis.breaks.end());
    grid.axes.push_back(
        refined(std::move(edges), [&](double) { return axis.hi - axis.lo; }));
    nodes *= grid.axes.back().nodes();
  }
  std::vector<std::vector<double>> x;
  std::size_t after = nodes;
  for (const auto& axis : grid.axes) {
    after /= axis.nodes();
    auto& column = x.emplace_back(nodes);
    for (std::size_t i = 0; i < nodes; ++i) column[i] = axis.x[i / after % axis.nodes()];
  }
  grid.features.assign(truth_.feature_count(channel), std::vector<double>(nodes));
  std::vector<const double*> in;
  std::vector<double*> out;
  for (const auto& column : x) in.push_back(column.data());
  for (auto& feature : grid.features) out.push_back(feature.data());
  truth_.features(channel, nodes, in.data(), out.data());
  return grid;
}

Intensity FoldedTheory::true_intensity(std::size_t channel,
                                       std::span<const double> theta) const {
  const auto& grid = grids_[channel];
  Intensity out(grid.axes, 1 + parameters_.size());
  const std::size_t n = out.values.cols, own = truth_.parameters().size();
  std::vector<const double*> features;
  std::vector<double*> slope;
  for (const auto& feature : grid.features) features.push_back(feature.data());
  for (std::size_t k = 0; k < own; ++k) slope.push_back(out.values.row(1 + k));
  double* sigma = out.values.row(0);
  truth_.evaluate(channel, theta.first(own), n, features.data(), sigma, slope.data());
  for (std::size_t i = 0; i < n; ++i) {
    sigma[i] = std::exp(sigma[i]);
    if (!std::isfinite(sigma[i]))
      throw NumericalError(
          fmt::format("the density of channel '{}' is not finite at ({}), so that it "
                      "cannot be folded with the detector",
                      truth_.channels()[channel].name,
                      fmt::join(theta, ", ")));
  }
  for (std::size_t k = 0; k < own; ++k)
    for (std::size_t i = 0; i < n; ++i) slope[k][i] *= sigma[i];
  return out;
}

std::vector<Intensity> FoldedTheory::after_step(std::size_t step,
                                                std::span<const double> theta,
                                                std::vector<Intensity> in) const {
  std::size_t at = truth_.parameters().size();
  for (std::size_t s = 0; s < step; ++s) at += steps_[s]->nuisances().size();
  return steps_[step]->fold(std::move(in),
                            {theta.subspan(at, steps_[step]->nuisances().size()),
                             1 + at,
                             [this](const std::string& column, double lo, double hi) {
                               return panels(column, lo, hi);
                             }});
}

std::vector<Intensity> FoldedTheory::measured_at(std::span<const double> theta) const {
  std::vector<Intensity> out;
  for (std::size_t c = 0; c < grids_.size(); ++c) out.push_back(true_intensity(c, theta));
  for (std::size_t s = 0; s < steps_.size(); ++s)
    out = after_step(s, theta, std::move(out));
  return out;
}

std::vector<double> FoldedTheory::kept(std::span<const double> theta) const {
  const auto total = [](const std::vector<Intensity>& in,
                        const std::vector<Channel>& channels) {
    double product = 1;
    for (std::size_t c = 0; c < in.size(); ++c) product *= integral(in[c], channels[c]);
    return product;
  };
  std::vector<Intensity> now;
  for (std::size_t c = 0; c < grids_.size(); ++c) now.push_back(true_intensity(c, theta));
  std::vector<double> out;
  double before = total(now, truth_.channels());
  for (std::size_t s = 0; s < steps_.size(); ++s) {
    now = after_step(s, theta, std::move(now));
    const double after = total(now, steps_[s]->channels());
    out.push_back(after / before);
    before = after;
  }
  return out;
}

std::size_t FoldedTheory::feature_count(std::size_t channel) const {
  return channels_[channel].axes.size();
}

void FoldedTheory::features(std::size_t channel,
                            std::size_t n,
                            const double* const* x,
                            double* const* out) const {
  for (std::size_t a = 0; a < measured_[channel].size(); ++a)
    for (std::size_t i = 0; i < n; ++i)
      out[a][i] = measured_[channel][a].position(x[a][i]);
}

void FoldedTheory::evaluate(std::size_t channel,
                            std::span<const double> theta,
                            std::size_t n,
                            const double* const* features,
                            double* log_sigma,
                            double* const* slope) const {
  const auto all = recent_.get(theta, [&] {
    std::vector<Shape> out;
    for (const auto& in : measured_at(theta)) out.emplace_back(in);
    return out;
  });
  const Shape& shape = (*all)[channel];
  constexpr std::size_t lanes = PanelPolynomials::lanes;
  const std::size_t rows = slope ? (theta.size() + lanes) / lanes * lanes : lanes;
  std::vector<double> values(std::min(n, block) * rows);
  std::vector<const double*> position(measured_[channel].size());
  for (std::size_t first = 0; first < n; first += block) {
    const std::size_t here = std::min(block, n - first);
    for (std::size_t a = 0; a < position.size(); ++a) position[a] = features[a] + first;
    shape.at(here, position.data(), rows, values.data());
    for (std::size_t i = 0; i < here; ++i) {
      const double* value = &values[i * rows];
      const bool there = value[0] > 0;
      log_sigma[first + i] =
          there ? std::log(value[0]) : -std::numeric_limits<double>::infinity();
      for (std::size_t k = 0; slope && k < theta.size(); ++k)
        slope[k][first + i] = there ? value[1 + k] / value[0] : 0;
    }
  }
}

FoldedTheory::Shape::Shape(const Intensity& in) : products(in.axes, in.products) {
  if (in.values.rows > 0) values.emplace(in.axes, in.values);
}

void FoldedTheory::Shape::at(std::size_t n,
                             const double* const* position,
                             std::size_t rows,
                             double* out) const {
  if (values)
    values->at(n, position, rows, out);
  else
    std::fill_n(out, n * rows, 0.0);
  if (!products.empty()) products.add(n, position, rows, out);
}

std::vector<Derived> FoldedTheory::derived() const {
  auto out = truth_.derived();
  const std::size_t own = truth_.parameters().size(), all = parameters_.size();
  for (auto& d : out) {
    d.value = [own, f = d.value](std::span<const double> theta) {
      return f(theta.first(own));
    };
    d.gradient = [own, all, f = d.gradient](std::span<const double> theta) {
      auto g = f(theta.first(own));
      g.resize(all, 0.0);
      return g;
    };
  }
  return out;
}

std::vector<Curve> FoldedTheory::curves() const {
  auto out = truth_.curves();
  const std::size_t own = truth_.parameters().size(), all = parameters_.size();
  for (auto& c : out) {
    c.value = [own, f = c.value](double x, std::span<const double> theta) {
      return f(x, theta.first(own));
    };
    c.gradient = [own, all, f = c.gradient](double x, std::span<const double> theta) {
      auto g = f(x, theta.first(own));
      g.resize(all, 0.0);
      return g;
    };
  }
  return out;
}

}  // namespace femto
