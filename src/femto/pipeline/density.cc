// Norms, scores and Fisher information on composite Gauss-Legendre grids.
#include "femto/pipeline/density.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/core/vmath.h"
#include "femto/physics/panels.h"
#include "femto/physics/quadrature.h"
#include "femto/pipeline/kept_part.h"

namespace femto {
namespace {

constexpr std::size_t block = 1024;  // nodes whose values stay in the first-level cache

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] double dot(
    std::size_t n, const double* a, const double* b) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

std::size_t default_nodes(std::size_t axes) {
  constexpr std::size_t nodes[] = {4000, 200, 60, 30};
  if (axes < 1 || axes > 4)
    fail(
        "a density over {} axes cannot be integrated on a grid (the most is 4); split "
        "the channel into independent ones",
        axes);
  return nodes[axes - 1];
}

/// Nodes and weights of one axis.
QuadratureRule axis_rule(const Axis& axis, std::size_t nodes) {
  if (!axis.panels.empty()) {
    const Panels panels(axis.panels);
    return {panels.x, panels.weight};
  }
  auto rule = composite_gauss_legendre(0, 1, (nodes + 9) / 10);
  for (std::size_t i = 0; i < rule.x.size(); ++i) {
    const auto point = graded(axis, rule.x[i]);
    rule.x[i] = point.x;
    rule.weight[i] *= point.slope;
  }
  return rule;
}

/// Only what a cut of two columns leaves.
void keep_part(const Region& keeps, const std::vector<Axis>& axes, QuadratureGrid& grid) {
  expect(axes.size() == 2 && !axes[1].panels.empty(),
         "a cut of two columns has panels on both");
  const auto& edges = axes[1].panels;
  const std::size_t lines = grid.weight.size() / Panels::order;
  std::vector<double> lo, hi;
  for (std::size_t l = 0; l < lines; ++l) {
    lo.push_back(edges[l % (edges.size() - 1)]);
    hi.push_back(edges[l % (edges.size() - 1) + 1]);
  }
  squeeze(keeps, {Panels::order, lo, hi, grid.x[0], grid.x[1], grid.weight});
}

QuadratureGrid make_grid(const Theory& theory, std::size_t channel, std::size_t nodes) {
  const auto& axes = theory.channels()[channel].axes;
  if (nodes == 0) nodes = default_nodes(axes.size());
  QuadratureGrid grid;
  grid.weight = {1};
  for (const auto& axis : axes) {
    const auto rule = axis_rule(axis, nodes);
    const std::size_t before = grid.weight.size(), here = rule.x.size();
    if (before * here > (std::size_t{1} << 26))
      fail("a quadrature grid of {} nodes per axis over {} axes is too large",
           here,
           axes.size());
    QuadratureGrid wider;
    wider.x.resize(grid.x.size() + 1);
    for (std::size_t i = 0; i < before; ++i)
      for (std::size_t j = 0; j < here; ++j) {
        for (std::size_t a = 0; a < grid.x.size(); ++a)
          wider.x[a].push_back(grid.x[a][i]);
        wider.x.back().push_back(rule.x[j]);
        wider.weight.push_back(grid.weight[i] * rule.weight[j]);
      }
    grid = std::move(wider);
  }
  if (const auto& keeps = theory.channels()[channel].keeps) keep_part(keeps, axes, grid);
  std::vector<const double*> x;
  std::vector<double*> features;
  for (const auto& column : grid.x) x.push_back(column.data());
  grid.features.assign(theory.feature_count(channel),
                       std::vector<double>(grid.weight.size()));
  for (auto& feature : grid.features) features.push_back(feature.data());
  theory.features(channel, grid.weight.size(), x.data(), features.data());
  return grid;
}

/// One channel at one theta, at every node of its grid.
struct NodeValues {
  double log_norm = 0;
  std::vector<double> probability;  // [node] weight * f, sums to one
  std::vector<double> slope;        // [parameter][node] d ln sigma / d theta
  std::vector<double> mean_slope;   // [parameter] d ln N / d theta
};

void evaluate_nodes(const Theory& theory,
                    std::size_t channel,
                    const QuadratureGrid& grid,
                    std::span<const double> theta,
                    NodeValues& out) {
  const std::size_t nodes = grid.weight.size(), parameters = theta.size();
  out.probability.resize(nodes);
  out.slope.resize(parameters * nodes);
  const Pieces pieces{nodes, 8 * block};
  parallel_for(pieces.count(), [&](std::size_t piece) {
    std::vector<const double*> features(grid.features.size());
    std::vector<double*> slope(parameters);
    for (std::size_t i = pieces.begin(piece); i < pieces.end(piece); i += block) {
      const std::size_t n = std::min(block, pieces.end(piece) - i);
      for (std::size_t f = 0; f < features.size(); ++f)
        features[f] = grid.features[f].data() + i;
      for (std::size_t p = 0; p < parameters; ++p) slope[p] = &out.slope[p * nodes + i];
      theory.evaluate(
          channel, theta, n, features.data(), &out.probability[i], slope.data());
    }
  });
}

/// Turns ln sigma into probabilities; throws unless the norm is positive and finite.
void normalise(const Theory& theory,
               std::size_t channel,
               const QuadratureGrid& grid,
               std::span<const double> theta,
               NodeValues& v) {
  auto& p = v.probability;
  const double top = *std::max_element(p.begin(), p.end());
  for (double& value : p) value -= top;
  vmath::exp(p.size(), p.data(), p.data());
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); i += block)
    sum += dot(std::min(block, p.size() - i), &p[i], &grid.weight[i]);
  v.log_norm = top + std::log(sum);
  if (!std::isfinite(v.log_norm))
    throw NumericalError(
        fmt::format("the density of channel '{}' has no finite positive norm at ({})",
                    theory.channels()[channel].name,
                    fmt::join(theta, ", ")),
        "keep the box of the parameters away from such points");
  const double scale = 1 / sum;
  for (std::size_t i = 0; i < p.size(); ++i) p[i] *= grid.weight[i] * scale;
  v.mean_slope.assign(theta.size(), 0);
  for (std::size_t k = 0; k < theta.size(); ++k)
    for (std::size_t i = 0; i < p.size(); i += block)
      v.mean_slope[k] +=
          dot(std::min(block, p.size() - i), &p[i], &v.slope[k * p.size() + i]);
}

NodeValues node_values(const Theory& theory,
                       std::size_t channel,
                       const QuadratureGrid& grid,
                       std::span<const double> theta) {
  if (theta.size() != theory.parameters().size())
    throw Bug(fmt::format("theta has {} entries; the theory has {} parameters",
                          theta.size(),
                          theory.parameters().size()));
  NodeValues values;
  evaluate_nodes(theory, channel, grid, theta, values);
  normalise(theory, channel, grid, theta, values);
  return values;
}

/// E[s s^T] with s the slopes minus their mean: two passes, so that null directions come
/// out null to round-off.
Matrix centred_products(NodeValues& v, std::size_t parameters) {
  const std::size_t nodes = v.probability.size();
  Matrix information(parameters, parameters);
  std::vector<double> weighted(block);
  for (std::size_t i = 0; i < nodes; i += block) {
    const std::size_t n = std::min(block, nodes - i);
    for (std::size_t k = 0; k < parameters; ++k) {
      double* score = &v.slope[k * nodes + i];
      for (std::size_t j = 0; j < n; ++j) score[j] -= v.mean_slope[k];
      for (std::size_t j = 0; j < n; ++j) weighted[j] = v.probability[i + j] * score[j];
      for (std::size_t l = 0; l <= k; ++l)
        information(k, l) += dot(n, weighted.data(), &v.slope[l * nodes + i]);
    }
  }
  for (std::size_t k = 0; k < parameters; ++k)
    for (std::size_t l = 0; l < k; ++l) information(l, k) = information(k, l);
  return information;
}

}  // namespace

GradedPoint graded(const Axis& axis, double t) {
  const double width = axis.hi - axis.lo;
  switch (axis.grading) {
    case Grading::uniform:
      return {axis.lo + width * t, width};
    case Grading::smooth_step:
      return {axis.lo + width * t * t * (3 - 2 * t), 6 * width * t * (1 - t)};
    case Grading::log_upper: {
      expect(axis.hi < 1, "grading log_upper needs an axis that ends below 1");
      const double first = -std::log1p(-axis.lo), last = -std::log1p(-axis.hi);
      const double level = first + (last - first) * t;
      return {-std::expm1(-level), (last - first) * std::exp(-level)};
    }
  }
  throw Bug("unknown grading");
}

Density::Density(const Theory& theory, std::size_t nodes_per_axis) : theory_(&theory) {
  for (std::size_t c = 0; c < theory.channels().size(); ++c)
    grids_.push_back(make_grid(theory, c, nodes_per_axis));
}

Norms Density::norms(std::span<const double> theta) const {
  Norms norms{std::vector<double>(grids_.size()), Matrix(grids_.size(), theta.size())};
  parallel_for(grids_.size(), [&](std::size_t c) {
    const auto values = node_values(*theory_, c, grids_[c], theta);
    norms.log_norm[c] = values.log_norm;
    std::copy(values.mean_slope.begin(), values.mean_slope.end(), norms.slope.row(c));
  });
  return norms;
}

Matrix Density::information(std::span<const double> theta, std::size_t channel) const {
  auto values = node_values(*theory_, channel, grids_[channel], theta);
  return centred_products(values, theta.size());
}

Matrix Density::information(std::span<const double> theta) const {
  std::vector<Matrix> parts(grids_.size());
  parallel_for(grids_.size(), [&](std::size_t c) { parts[c] = information(theta, c); });
  Matrix sum(theta.size(), theta.size());
  for (const auto& part : parts)
    for (std::size_t i = 0; i < sum.data.size(); ++i) sum.data[i] += part.data[i];
  return sum;
}

NormsAndInformation Density::norms_and_information(std::span<const double> theta) const {
  NormsAndInformation out;
  out.norms = {std::vector<double>(grids_.size()), Matrix(grids_.size(), theta.size())};
  out.information = Matrix(theta.size(), theta.size());
  std::vector<Matrix> parts(grids_.size());
  parallel_for(grids_.size(), [&](std::size_t c) {
    auto values = node_values(*theory_, c, grids_[c], theta);
    out.norms.log_norm[c] = values.log_norm;
    std::copy(values.mean_slope.begin(), values.mean_slope.end(), out.norms.slope.row(c));
    parts[c] = centred_products(values, theta.size());
  });
  for (const auto& part : parts)
    for (std::size_t i = 0; i < part.data.size(); ++i)
      out.information.data[i] += part.data[i];
  return out;
}

void Density::log_density(std::size_t channel,
                          std::span<const double> theta,
                          const Norms& norms,
                          std::size_t n,
                          const double* const* features,
                          double* log_f,
                          double* const* score) const {
  theory_->evaluate(channel, theta, n, features, log_f, score);
  const double log_norm = norms.log_norm[channel];
  for (std::size_t i = 0; i < n; ++i) log_f[i] -= log_norm;
  if (!score) return;
  for (std::size_t k = 0; k < theta.size(); ++k) {
    const double mean = norms.slope(channel, k);
    for (std::size_t i = 0; i < n; ++i) score[k][i] -= mean;
  }
}

}  // namespace femto
