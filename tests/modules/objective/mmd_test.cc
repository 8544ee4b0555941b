// The maximum mean discrepancy: value, gradient, variance, choice of the bandwidth.
#include <cmath>

#include "tests/support/efficiency.h"
#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/pipeline/kernel_distance.h"

namespace femto {
namespace {

using testing::BoundObjective;
using testing::build;

const std::vector<double> off1d{1.7, -0.4, 2.8, 1.2, -0.55, 3.6};
const std::vector<double> off2d{0.55, 3.1, 0.25, 3.9, 0.6};

/// E k(X, X') + E k(Y, Y') - 2 E k(X, Y) of a channel's events and density, all pairs.
double plain_distance(const BoundObjective& b,
                      std::size_t channel,
                      double bandwidth,
                      const std::vector<double>& theta) {
  const Axis& axis = b.theory->channels()[channel].axes[0];
  const auto norms = b.density.norms(theta);
  const Density coarse(*b.theory, 1000);
  const auto& grid = coarse.grid(channel);
  std::vector<double> x, w;
  for (const double v : b.data.table()->column(channel)) {
    x.push_back(v);
    w.push_back(-1.0 / static_cast<double>(b.data.rows()));
  }
  for (std::size_t i = 0; i < grid.weight.size(); ++i) {
    const auto at = testing::evaluate_at(*b.theory, channel, theta, {grid.x[0][i]});
    x.push_back(grid.x[0][i]);
    w.push_back(grid.weight[i] * std::exp(at.log_sigma - norms.log_norm[channel]));
  }
  double sum = 0;
  const double width = (axis.hi - axis.lo) * bandwidth;
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t j = 0; j < x.size(); ++j)
      sum += w[i] * w[j] * std::exp(-0.5 * std::pow((x[i] - x[j]) / width, 2));
  return sum;
}

TEST(Mmd, IsTheMeanOfTheKernelOverAllPairs) {
  const BoundObjective b("proxy1d", testing::truth1d, 300, "{type: mmd, bandwidth: 0.1}");
  const auto ratio = [&](const std::vector<double>& theta) {
    return b.criterion->evaluate(theta).value /
           (plain_distance(b, 0, 0.1, theta) + plain_distance(b, 1, 0.1, theta));
  };
  // The kernel is linear between points 1/399 apart: 2e-4 of its width squared.
  EXPECT_NEAR(ratio(off1d) / ratio(testing::truth1d), 1, 1e-3);
}

TEST(Mmd, GradientsMatchDifferencesOnOneAndTwoAxes) {
  const BoundObjective one(
      "proxy1d", testing::truth1d, 2000, "{type: mmd, bandwidth: 0.1}");
  EXPECT_LT(testing::gradient_error(*one.criterion, off1d), 1e-6);
  const BoundObjective two(
      "proxy2d", testing::truth2d, 2000, "{type: mmd, bandwidth: 0.2}");
  EXPECT_LT(testing::gradient_error(*two.criterion, off2d), 1e-6);
}

TEST(Mmd, PredictsTheVarianceOfItsGradient) {
  // 120 toys: the relative error of a variance is sqrt(2 / 119) = 0.13.
  for (const double r : testing::gradient_spread("{type: mmd, bandwidth: 0.1}", 120, 400))
    EXPECT_NEAR(r, 1, 3.5 * std::sqrt(2.0 / 119));
}

TEST(Mmd, NarrowKernelsApproachTheIntegralOfSquaredDensities) {
  // With k -> delta the estimate minimises int (f - g)^2: psi = grad f, H = int grad f
  // grad f^T, summed here on the density's own nodes.
  const BoundObjective b(
      "proxy1d", testing::truth1d, 1000, "{type: mmd, bandwidth: 0.01}");
  const auto norms = b.density.norms(testing::truth1d);
  Matrix h(6, 6);
  for (std::size_t c = 0; c < 2; ++c) {
    const auto& grid = b.density.grid(c);
    for (std::size_t i = 0; i < grid.weight.size(); ++i) {
      const auto at =
          testing::evaluate_at(*b.theory, c, testing::truth1d, {grid.x[0][i]});
      const double f = std::exp(at.log_sigma - norms.log_norm[c]);
      std::vector<double> slope;
      for (std::size_t k = 0; k < 6; ++k)
        slope.push_back(f * (at.slope[k] - norms.slope(c, k)));
      stats::add_outer(h, grid.weight[i], slope);
    }
  }
  const auto found = b.criterion->evaluate(testing::truth1d).curvature;
  const double scale = found(1, 1) / h(1, 1);
  for (const std::size_t k : {2, 4, 5})
    EXPECT_NEAR(found(k, k) / h(k, k), scale, 0.1 * scale) << k;  // edges feel the width
}

TEST(Mmd, ChoosesTheBandwidthOfTheSmallestPredictedVariance) {
  const auto theory = build<Theory>("proxy1d");
  const Density density(*theory);
  const Dataset data(testing::toy(*theory, testing::truth1d, 20000));
  const KernelCriterion chosen({density, data}, 0);
  const double best = testing::efficiency(chosen, density, 20000).all;
  for (const double h : {0.02, 0.05, 0.1, 0.2, 0.5})
    EXPECT_LT(
        testing::efficiency(KernelCriterion({density, data}, h), density, 20000).all,
        best * 1.02)
        << h << " beats " << chosen.bandwidth();
}

TEST(Mmd, RefusesAKernelNarrowerThanItsGrid) {
  EXPECT_THROW(build<Objective>("{type: mmd, bandwidth: 0.001}"), Error);
}

TEST(Mmd, CountsAWeightOfTwoAsTwoEvents) {
  const auto theory = build<Theory>("proxy1d");
  const auto plain = testing::toy(*theory, testing::truth1d, 500);
  std::vector<double> weights(500, 1);
  weights[7] = 2;
  auto copied = testing::empty_table(*theory, 501);
  for (std::size_t c = 0; c < 2; ++c) {
    std::copy(plain.column(c).begin(), plain.column(c).end(), copied.column(c).begin());
    copied.column(c)[500] = plain.column(c)[7];
  }
  const auto make = [](io::EventTable t) {
    return [t = std::move(t)](const Theory&, const Density&) { return t; };
  };
  const std::string how = "{type: mmd, bandwidth: 0.1}";
  const BoundObjective a(
      "proxy1d", make(testing::weighted(*theory, plain, weights)), how);
  const BoundObjective b("proxy1d", make(copied), how);
  EXPECT_NEAR(
      a.criterion->evaluate(off1d).value, b.criterion->evaluate(off1d).value, 1e-9);
}

}  // namespace
}  // namespace femto
