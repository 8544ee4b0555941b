// Gauss-Newton on expected scores.
#include "femto/neural/slice.h"

#include <cmath>

#include "femto/core/error.h"
#include "femto/stats/linear.h"

namespace femto::neural {
namespace {

constexpr double nothing = 1e-9;  // of the largest information, in units of the box
constexpr int most_steps = 50;
/// Of the squared step, in standard deviations of one event, when the point is found, and
/// the longest.
constexpr double settled = 1e-16, longest = 1;

/// Means over events of p: of the score s at theta, of s s^T, and of s t^T with t the
/// score of p.
struct Scores {
  std::vector<double> mean;
  Matrix square, cross;
};

Scores scores_of(const Density& density,
                 std::span<const double> p,
                 std::span<const double> theta) {
  const std::size_t n = theta.size();
  const auto p_norms = density.norms(p), norms = density.norms(theta);
  Scores out{std::vector<double>(n), Matrix(n, n), Matrix(n, n)};
  for (std::size_t c = 0; c < density.theory().channels().size(); ++c) {
    const auto& grid = density.grid(c);
    const std::size_t nodes = grid.weight.size();
    std::vector<const double*> features;
    for (const auto& f : grid.features) features.push_back(f.data());
    Matrix s(n, nodes), t(n, nodes);
    std::vector<double*> s_rows, t_rows;
    for (std::size_t k = 0; k < n; ++k) {
      s_rows.push_back(s.row(k));
      t_rows.push_back(t.row(k));
    }
    std::vector<double> log_p(nodes), unused(nodes);
    density.log_density(
        c, p, p_norms, nodes, features.data(), log_p.data(), t_rows.data());
    density.log_density(
        c, theta, norms, nodes, features.data(), unused.data(), s_rows.data());
    Matrix weighted = s;
    for (std::size_t i = 0; i < nodes; ++i) {
      const double share = grid.weight[i] * std::exp(log_p[i]);
      for (std::size_t k = 0; k < n; ++k) {
        weighted(k, i) *= share;
        out.mean[k] += weighted(k, i);
      }
    }
    stats::add(out.square, 1, stats::multiply(weighted, stats::transpose(s)));
    stats::add(out.cross, 1, stats::multiply(weighted, stats::transpose(t)));
  }
  return out;
}

}  // namespace

Slice::Slice(std::shared_ptr<const Density> truth,
             const ParameterSetup& setup,
             std::vector<double> centre,
             const Matrix& information)
    : density_(std::move(truth)), centre_(std::move(centre)) {
  const std::size_t n = density_->theory().parameters().size();
  centre_.resize(n);
  std::vector<double> width(n);
  Matrix scaled(n, n);
  for (std::size_t j = 0; j < n; ++j)
    width[j] = setup.fixed[j] ? 0 : setup.parameters[j].hi - setup.parameters[j].lo;
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t k = 0; k < n; ++k)
      scaled(j, k) = width[j] * information(j, k) * width[k];
  const auto spectrum = stats::eigen_symmetric(scaled);
  std::vector<std::size_t> kept;
  std::size_t free = 0;
  for (std::size_t k = 0; k < n; ++k) {
    free += width[k] > 0 ? 1 : 0;
    if (spectrum.values[k] > nothing * spectrum.values.back()) kept.push_back(k);
  }
  flat_ = kept.size() == free;
  axes_ = Matrix(n, kept.size());
  onto_ = Matrix(kept.size(), n);
  for (std::size_t r = 0; r < kept.size(); ++r)
    for (std::size_t j = 0; j < n; ++j) {
      const double v = spectrum.vectors(j, kept[r]);
      axes_(j, r) = v * width[j];
      onto_(r, j) = width[j] > 0 ? v / width[j] : 0;
    }
}

std::vector<double> Slice::start_of(std::span<const double> truth) const {
  std::vector<double> step(truth.begin(), truth.end());
  for (std::size_t j = 0; j < step.size(); ++j) step[j] -= centre_[j];
  auto out = stats::multiply(axes_, stats::multiply(onto_, step));
  for (std::size_t j = 0; j < out.size(); ++j) out[j] += centre_[j];
  return out;
}

std::optional<SlicePoint> Slice::point(std::span<const double> theta) const {
  SlicePoint out{{theta.begin(), theta.end()}, stats::identity(theta.size())};
  if (flat_) return out;
  const std::size_t n = centre_.size();
  const auto truth = theta.first(n);
  auto at = start_of(truth);
  const Matrix across = stats::transpose(axes_);
  try {
    for (int step = 0; step < most_steps; ++step) {
      const auto scores = scores_of(*density_, truth, at);
      const auto inverse =
          stats::pseudo_inverse(
              stats::multiply(across, stats::multiply(scores.square, axes_)), 1e-14)
              .inverse;
      const auto pull = stats::multiply(across, scores.mean);
      const auto move = stats::multiply(inverse, pull);
      const double square = stats::dot(move, pull);
      const double part = square > longest ? std::sqrt(longest / square) : 1;
      const auto along = stats::multiply(axes_, move);
      for (std::size_t j = 0; j < n; ++j) at[j] += part * along[j];
      if (square > settled) continue;
      const auto slope = stats::multiply(
          axes_, stats::multiply(inverse, stats::multiply(across, scores.cross)));
      for (std::size_t j = 0; j < n; ++j) {
        out.theta[j] = at[j];
        for (std::size_t k = 0; k < n; ++k) out.slope(j, k) = slope(j, k);
      }
      return out;
    }
  } catch (const NumericalError&) {
    return {};
  }
  return {};
}

}  // namespace femto::neural
