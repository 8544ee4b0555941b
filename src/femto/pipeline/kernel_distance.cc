// The kernel on a grid, and the choice of its bandwidth.
#include "femto/pipeline/kernel_distance.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/core/vector_sums.h"
#include "femto/pipeline/spectrum.h"
#include "femto/stats/linear.h"

namespace femto {
namespace {

/// Where the first estimate is made that bandwidths are judged at.
constexpr double first_bandwidth = 0.2;

std::size_t points_for(std::size_t axes) {
  return axes == 1 ? 400 : (axes == 2 ? 64 : 16);
}

KernelGrid empty_grid(const Density& density, std::size_t channel) {
  const Channel& about = density.theory().channels()[channel];
  const auto& x = density.grid(channel).x;
  KernelGrid out{points_for(about.axes.size()), about.axes.size(), {}, {}};
  out.nodes = box_deposit(unit_positions(about, {x.begin(), x.end()}, 0), out.points);
  std::size_t size = 1;
  for (std::size_t a = 0; a < out.axes; ++a) size *= out.points;
  out.data.assign(size, 0.0);
  return out;
}

/// log det of the covariance H^-1 V H^-1 in units of the floor; infinite where the
/// objective is blind to what the events could tell.
double log_loss(const Matrix& curvature, const Matrix& variance, const Matrix& factor) {
  const auto reduced = [&](const Matrix& m) {
    return stats::eigen_symmetric(
        stats::multiply(stats::transpose(factor), stats::multiply(m, factor)));
  };
  double out = 0;
  const auto h = reduced(curvature).values, v = reduced(variance).values;
  if (h.empty() || !(h.front() > 1e-12 * h.back()))
    return std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < h.size(); ++i)
    out +=
        std::log(std::max(v[i], std::numeric_limits<double>::min())) - 2 * std::log(h[i]);
  return out;
}

}  // namespace

GridKernel::GridKernel(std::size_t points, std::size_t axes, double bandwidth)
    : points_(points), axes_(axes), one_(points, points) {
  const double step = 1 / (static_cast<double>(points - 1) * bandwidth);
  for (std::size_t i = 0; i < points; ++i)
    for (std::size_t j = 0; j < points; ++j) {
      const double gap = step * (static_cast<double>(i) - static_cast<double>(j));
      one_(i, j) = std::exp(-0.5 * gap * gap);
    }
}

std::vector<double> GridKernel::apply(std::span<const double> in) const {
  std::vector<double> now(in.begin(), in.end()), next(now.size());
  // Each pass contracts the last axis and makes it the first: after all of them the
  // axes stand as before.
  const std::size_t rest = now.size() / points_;
  for (std::size_t a = 0; a < axes_; ++a) {
    for (std::size_t r = 0; r < rest; ++r)
      for (std::size_t i = 0; i < points_; ++i)
        next[i * rest + r] = weighted_sum_of(points_, one_.row(i), &now[r * points_]);
    std::swap(now, next);
  }
  return now;
}

KernelCriterion::KernelCriterion(const Material& m, double bandwidth)
    : density_(m.density) {
  const Theory& theory = density_.theory();
  for (std::size_t c = 0; c < theory.channels().size(); ++c)
    grids_.push_back(empty_grid(density_, c));
  weights_ = for_each_channel(
      theory,
      m.data,
      m.weighting,
      [&](std::size_t c, std::uint64_t first, const auto& x, auto weights) {
        const auto t = unit_positions(theory.channels()[c], x, first);
        box_deposit(t, grids_[c].points).add(weights, grids_[c].data);
      });
  for (auto& grid : grids_)
    for (double& g : grid.data) g /= weights_.sum;
  if (bandwidth > 0)
    use(bandwidth);
  else
    choose(m);
}

void KernelCriterion::use(double bandwidth) {
  bandwidth_ = bandwidth;
  kernels_.clear();
  double scale = 0;  // E k(X, X) - E k(X, X')
  for (const auto& grid : grids_) {
    kernels_.emplace_back(grid.points, grid.axes, bandwidth);
    const auto smooth = kernels_.back().apply(grid.data);
    scale += 1 - weighted_sum_of(grid.size(), grid.data.data(), smooth.data());
  }
  factor_ = static_cast<double>(grids_.size()) / std::max(scale, 1e-12);
}

void KernelCriterion::choose(const Material& m) {
  use(first_bandwidth);
  const auto& parameters =
      m.simulation ? m.simulation->setup.parameters : density_.theory().parameters();
  std::vector<bool> fixed(parameters.size(), false);
  if (m.simulation) fixed = m.simulation->setup.fixed;
  fixed.resize(parameters.size());
  std::vector<double> start;
  std::vector<stats::Bound> box;
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    start.push_back(parameters[k].start);
    box.push_back({parameters[k].lo, parameters[k].hi, fixed[k]});
  }
  stats::MinimiseOptions rough;
  rough.tolerance = 1e-3;
  rough.max_iterations = 50;
  const auto first = stats::minimise(
      [&](std::span<const double> theta) { return evaluate(theta); }, start, box, rough);
  const Matrix factor = spectrum(density_.information(first.x), fixed).factor;
  double best = std::numeric_limits<double>::infinity(), chosen = first_bandwidth;
  for (const double h : {0.02, 0.05, 0.1, 0.2, 0.5, 1.0}) {
    if (h < 0.05 && std::ranges::any_of(grids_, [](auto& g) { return g.axes > 1; }))
      continue;
    use(h);
    const double loss =
        log_loss(evaluate(first.x).curvature, *gradient_variance(first.x), factor);
    if (!(loss < best)) continue;
    best = loss;
    chosen = h;
  }
  use(chosen);
}

stats::Evaluation KernelCriterion::evaluate(std::span<const double> theta) const {
  stats::Evaluation out;
  const std::size_t parameters = theta.size();
  out.gradient.assign(parameters, 0);
  out.curvature = Matrix(parameters, parameters);
  Norms norms;
  try {
    norms = density_.norms(theta);
  } catch (const NumericalError&) {
    out.value = std::numeric_limits<double>::infinity();
    return out;
  }
  const double scale = weights_.sum * factor_;
  for (std::size_t c = 0; c < grids_.size(); ++c) {
    const auto& grid = grids_[c];
    const Shares shares = shares_of(density_, c, theta, norms);
    // Column 0: densities minus data; then their slopes.
    std::vector<std::vector<double>> on(1 + parameters), smooth(1 + parameters);
    parallel_for(1 + parameters, [&](std::size_t k) {
      on[k].assign(grid.size(), 0.0);
      if (k == 0) {
        grid.nodes.add(shares.p, on[0]);
        for (std::size_t i = 0; i < grid.size(); ++i) on[0][i] -= grid.data[i];
      } else {
        grid.nodes.add({shares.slope.row(k - 1), shares.p.size()}, on[k]);
      }
      smooth[k] = kernels_[c].apply(on[k]);
    });
    const auto product = [&](std::size_t a, std::size_t b) {
      return weighted_sum_of(grid.size(), on[a].data(), smooth[b].data());
    };
    out.value += 0.5 * scale * product(0, 0);
    for (std::size_t k = 0; k < parameters; ++k) {
      out.gradient[k] += scale * product(k + 1, 0);
      for (std::size_t l = 0; l <= k; ++l) {
        out.curvature(k, l) += scale * product(k + 1, l + 1);
        out.curvature(l, k) = out.curvature(k, l);
      }
    }
  }
  return out;
}

std::optional<Matrix> KernelCriterion::gradient_variance(
    std::span<const double> theta) const {
  const Norms norms = density_.norms(theta);
  Matrix out(theta.size(), theta.size());
  for (std::size_t c = 0; c < grids_.size(); ++c) {
    const auto& grid = grids_[c];
    const Shares shares = shares_of(density_, c, theta, norms);
    Matrix psi(theta.size(), shares.p.size());
    parallel_for(theta.size(), [&](std::size_t k) {
      std::vector<double> on(grid.size(), 0.0);
      grid.nodes.add({shares.slope.row(k), shares.p.size()}, on);
      const auto at = grid.nodes.gather(kernels_[c].apply(on));
      std::copy(at.begin(), at.end(), psi.row(k));
    });
    stats::add(out, weights_.squares * factor_ * factor_, covariance_of(shares, psi));
  }
  return out;
}

}  // namespace femto
