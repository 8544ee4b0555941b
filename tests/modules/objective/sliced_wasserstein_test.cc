// The sliced Wasserstein distance: value, gradient, variance, weights, several axes.
#include <algorithm>
#include <cmath>

#include "tests/support/efficiency.h"
#include <gtest/gtest.h>

namespace femto {
namespace {

using testing::BoundObjective;
using testing::build;

const std::vector<double> off1d{1.7, -0.4, 2.8, 1.2, -0.55, 3.6};
const std::vector<double> off2d{0.55, 3.1, 0.25, 3.9, 0.6};

/// W2^2 in widths of the axis between n events and the density: each event carries 1/n of
/// the density's quantiles, in order.
double plain_distance(const BoundObjective& b,
                      std::size_t channel,
                      const std::vector<double>& theta) {
  const Axis& axis = b.theory->channels()[channel].axes[0];
  const auto norms = b.density.norms(theta);
  const auto events = b.data.table()->column(channel);
  std::vector<double> sorted(events.begin(), events.end());
  std::ranges::sort(sorted);
  const int steps = 400000;
  const double width = axis.hi - axis.lo;
  double below = 0, sum = 0;
  for (int k = 0; k < steps; ++k) {
    const double x = axis.lo + width * (k + 0.5) / steps;
    const auto at = testing::evaluate_at(*b.theory, channel, theta, {x});
    const double p = std::exp(at.log_sigma - norms.log_norm[channel]) * width / steps;
    const double u = std::min(below + 0.5 * p, 1 - 1e-12);
    const double gap = (sorted[static_cast<std::size_t>(u * sorted.size())] - x) / width;
    sum += p * gap * gap;
    below += p;
  }
  return sum;
}

TEST(SlicedWasserstein, IsTheSquaredGapOfQuantiles) {
  const BoundObjective b("proxy1d", testing::truth1d, 300, "sliced_wasserstein");
  const auto ratio = [&](const std::vector<double>& theta) {
    return b.criterion->evaluate(theta).value /
           (plain_distance(b, 0, theta) + plain_distance(b, 1, theta));
  };
  // Data are taken as uniform within cells of 1/400 of the axis at most.
  EXPECT_NEAR(ratio(off1d) / ratio(testing::truth1d), 1, 3e-3);
}

TEST(SlicedWasserstein, GradientsMatchDifferencesOnOneAndTwoAxes) {
  const BoundObjective one("proxy1d", testing::truth1d, 2000, "sliced_wasserstein");
  EXPECT_LT(testing::gradient_error(*one.criterion, off1d), 1e-6);
  const BoundObjective two(
      "proxy2d", testing::truth2d, 2000, "{type: sliced_wasserstein, directions: 4}");
  EXPECT_LT(testing::gradient_error(*two.criterion, off2d), 1e-5);
}

TEST(SlicedWasserstein, CurvatureIsTheSlopeOfTheGradientAtTheTruth) {
  const BoundObjective b(
      "proxy1d",
      [](const Theory& t, const Density& d) { return testing::stratified(t, d, 200000); },
      "sliced_wasserstein");
  const auto h = b.criterion->evaluate(testing::truth1d).curvature;
  for (const std::size_t k : {std::size_t{1}, std::size_t{5}}) {
    auto up = testing::truth1d, down = testing::truth1d;
    up[k] += 1e-3;
    down[k] -= 1e-3;
    const auto a = b.criterion->evaluate(up).gradient;
    const auto c = b.criterion->evaluate(down).gradient;
    for (const std::size_t l : {std::size_t{1}, std::size_t{2}, std::size_t{5}})
      EXPECT_NEAR((a[l] - c[l]) / 2e-3, h(k, l), 0.01 * std::sqrt(h(k, k) * h(l, l)))
          << k << " " << l;
  }
}

TEST(SlicedWasserstein, PredictsTheVarianceOfItsGradient) {
  // 100 toys: the relative error of a variance is sqrt(2 / 99) = 0.14.
  for (const double r : testing::gradient_spread("sliced_wasserstein", 100, 2000))
    EXPECT_NEAR(r, 1, 3.5 * std::sqrt(2.0 / 99));
}

TEST(SlicedWasserstein, LivesWithWeightsThatMakeCountsFall) {
  const auto theory = build<Theory>("proxy1d");
  const auto events = testing::toy(*theory, testing::truth1d, 20000);
  std::vector<double> weights(20000, 1);
  for (std::size_t i = 0; i < weights.size(); i += 10) weights[i] = -1;
  const auto table = testing::weighted(*theory, events, weights);
  const BoundObjective b(
      "proxy1d",
      [&](const Theory&, const Density&) { return table; },
      "sliced_wasserstein");
  EXPECT_EQ(b.criterion->events(), 16000);
  const auto at = b.criterion->evaluate(testing::truth1d);
  const auto v = *b.criterion->gradient_variance(testing::truth1d);
  for (const std::size_t k : {1, 2, 4, 5})
    EXPECT_LT(std::abs(at.gradient[k]), 4 * std::sqrt(v(k, k))) << k;
  EXPECT_LT(testing::gradient_error(*b.criterion, off1d), 1e-6);
}

TEST(SlicedWasserstein, DirectionsAreKeyed) {
  const auto value = [](const std::string& objective) {
    return BoundObjective("proxy2d", testing::truth2d, 1000, objective)
        .criterion->evaluate(off2d)
        .value;
  };
  const double one = value("{type: sliced_wasserstein, directions: 3, seed: 1}");
  EXPECT_EQ(one, value("{type: sliced_wasserstein, directions: 3, seed: 1}"));
  EXPECT_NE(one, value("{type: sliced_wasserstein, directions: 3, seed: 2}"));
}

}  // namespace
}  // namespace femto
