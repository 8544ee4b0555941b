// How precise an objective is beside the likelihood on proxy1d, for tests.
#pragma once
#include <array>
#include <cmath>

#include "tests/support/fits.h"
#include "tests/support/proxies.h"

#include "femto/stats/linear.h"

namespace femto::testing {

/// An objective bound to data of a theory.
struct BoundObjective {
  std::unique_ptr<Theory> theory;
  Density density;
  Dataset data;
  std::unique_ptr<Criterion> criterion;

  BoundObjective(const std::string& type,
                 const std::function<io::EventTable(const Theory&, const Density&)>& make,
                 const std::string& objective)
      : theory(build<Theory>(type)),
        density(*theory),
        data(make(*theory, density)),
        criterion(build<Objective>(objective)->bind({density, data})) {}

  /// `rows` records drawn at `truth`.
  BoundObjective(const std::string& type,
                 const std::vector<double>& truth,
                 std::size_t rows,
                 const std::string& objective,
                 std::uint64_t seed = 1)
      : BoundObjective(
            type,
            [&](const Theory& t, const Density&) { return toy(t, truth, rows, seed); },
            objective) {}
};

/// Record i of n holds the quantile (i + 1/2) / n of every channel at truth1d, so that
/// means are those of the density up to 1/n.
inline io::EventTable stratified(const Theory& theory,
                                 const Density& density,
                                 std::size_t n) {
  auto table = empty_table(theory, n);
  const auto norms = density.norms(truth1d);
  for (std::size_t c = 0; c < 2; ++c) {
    const auto& grid = density.grid(c);
    double below = 0, from = 0, left = theory.channels()[c].axes[0].lo;
    std::size_t i = 0;
    const auto u = [&] {
      return (static_cast<double>(i) + 0.5) / static_cast<double>(n);
    };
    for (std::size_t k = 0; k < grid.weight.size(); ++k) {
      const double x = grid.x[0][k];
      const auto value = evaluate_at(theory, c, truth1d, {x});
      const double p = grid.weight[k] * std::exp(value.log_sigma - norms.log_norm[c]);
      const double to = below + 0.5 * p;  // half of a node's share lies below it
      for (; i < n && u() <= to; ++i)
        table.column(c)[i] = std::lerp(left, x, (u() - from) / (to - from));
      below += p;
      from = to;
      left = x;
    }
    for (; i < n; ++i) table.column(c)[i] = left;
  }
  return table;
}

/// A matrix over the parameters of proxy1d in the coordinates (p1, p2, ln r, p4, p5), in
/// which nothing is free: to^T m to.
inline Matrix in_shapes(const Matrix& m) {
  Matrix to(6, 5);
  to(1, 0) = to(2, 1) = to(4, 3) = to(5, 4) = 1;
  to(0, 2) = -truth1d[0] / 2;
  to(3, 2) = truth1d[3] / 2;
  return stats::multiply(stats::transpose(to), stats::multiply(m, to));
}

/// Variance of the likelihood's estimate over that of the objective's, per coordinate,
/// and the fifth root of the ratio of determinants.
struct Efficiency {
  std::array<double, 5> each;
  double all = 0;
};

inline Efficiency efficiency(const Criterion& criterion,
                             const Density& density,
                             double events) {
  const Matrix floor = *stats::cholesky_inverse(in_shapes(density.information(truth1d)));
  const Matrix h = in_shapes(criterion.evaluate(truth1d).curvature);
  const auto variance = criterion.gradient_variance(truth1d);
  const Matrix v = variance ? in_shapes(*variance) : h;
  const Matrix inverse = *stats::cholesky_inverse(h);
  const Matrix found = stats::multiply(inverse, stats::multiply(v, inverse));
  Efficiency out;
  for (std::size_t k = 0; k < 5; ++k) out.each[k] = floor(k, k) / (events * found(k, k));
  const auto log_det = [](const Matrix& m) {
    double sum = 0;
    for (const double e : stats::eigen_symmetric(m).values) sum += std::log(e);
    return sum;
  };
  out.all = std::exp((log_det(floor) - log_det(found)) / 5) / events;
  return out;
}

/// Variance of the gradient at truth1d over toys, as a ratio to what is predicted, in the
/// shape coordinates.
inline std::array<double, 5> gradient_spread(const std::string& objective,
                                             int toys,
                                             std::size_t rows) {
  std::array<double, 5> sum{}, square{}, out{};
  Matrix predicted;
  for (int k = 0; k < toys; ++k) {
    const BoundObjective b(
        "proxy1d", truth1d, rows, objective, 100 + static_cast<std::uint64_t>(k));
    const auto g = b.criterion->evaluate(truth1d).gradient;
    const double r = truth1d[0] * g[0] / -2 + truth1d[3] * g[3] / 2;
    const std::array<double, 5> at{g[1], g[2], r, g[4], g[5]};
    for (std::size_t j = 0; j < 5; ++j) {
      sum[j] += at[j] / toys;
      square[j] += at[j] * at[j];
    }
    const Matrix more = in_shapes(*b.criterion->gradient_variance(truth1d));
    if (predicted.data.empty()) predicted = Matrix(5, 5);
    stats::add(predicted, 1.0 / toys, more);
  }
  for (std::size_t j = 0; j < 5; ++j)
    out[j] = (square[j] - toys * sum[j] * sum[j]) / (toys - 1) / predicted(j, j);
  return out;
}

/// Largest difference between the gradient and fourth-order differences of the value, in
/// units of 1 + its size.
inline double gradient_error(const Criterion& criterion,
                             const std::vector<double>& at,
                             double step = 1e-3) {
  const auto f = [&](std::span<const double> x) { return criterion.evaluate(x).value; };
  const auto expected = differences(f, at, step);
  const auto found = criterion.evaluate(at).gradient;
  double worst = 0;
  for (std::size_t k = 0; k < at.size(); ++k)
    worst =
        std::max(worst, std::abs(found[k] - expected[k]) / (1 + std::abs(expected[k])));
  return worst;
}

/// The events of a table given weights, then the same with further ones.
inline io::EventTable weighted(const Theory& theory,
                               const io::EventTable& events,
                               const std::vector<double>& weights) {
  auto out = empty_table(theory, events.rows(), io::Weighted::yes);
  for (std::size_t c = 0; c < events.columns().size(); ++c)
    std::copy(events.column(c).begin(), events.column(c).end(), out.column(c).begin());
  std::copy(weights.begin(), weights.end(), out.weights().begin());
  return out;
}

}  // namespace femto::testing
