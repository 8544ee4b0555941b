// The energy distance: value, gradient, efficiency, weights, several axes.
#include <algorithm>
#include <cmath>

#include "tests/support/efficiency.h"
#include <gtest/gtest.h>

#include "femto/core/error.h"

namespace femto {
namespace {

using testing::BoundObjective;
using testing::build;

const std::vector<double> off1d{1.7, -0.4, 2.8, 1.2, -0.55, 3.6};
const std::vector<double> off2d{0.55, 3.1, 0.25, 3.9, 0.6};

/// int (F - G)^2 dx in widths of the axis, by a fine midpoint rule that knows nothing of
/// cells: G counts events, F adds up the density.
double plain_distance(const BoundObjective& b,
                      std::size_t channel,
                      const std::vector<double>& theta) {
  const Axis& axis = b.theory->channels()[channel].axes[0];
  const auto norms = b.density.norms(theta);
  const auto events = b.data.table()->column(channel);
  const int steps = 40000;
  const double width = axis.hi - axis.lo;
  std::vector<double> sorted(events.begin(), events.end());
  std::ranges::sort(sorted);
  double sum = 0, below = 0;
  std::size_t i = 0;
  for (int k = 0; k < steps; ++k) {
    const double x = axis.lo + width * (k + 0.5) / steps;
    const auto at = testing::evaluate_at(*b.theory, channel, theta, {x});
    const double p = std::exp(at.log_sigma - norms.log_norm[channel]) * width / steps;
    while (i < sorted.size() && sorted[i] < x) ++i;
    const double gap = below + 0.5 * p - static_cast<double>(i) / sorted.size();
    sum += gap * gap / steps;
    below += p;
  }
  return sum;
}

TEST(EnergyDistance, IsTheSquaredGapOfDistributionFunctions) {
  const BoundObjective b("proxy1d", testing::truth1d, 20000, "energy_distance");
  const auto value = [&](const std::vector<double>& theta) {
    return b.criterion->evaluate(theta).value;
  };
  // Steps of the data are ramps within a cell, which moves the small value at the truth
  // by up to a percent and larger ones less.
  const auto plain = [&](const std::vector<double>& theta) {
    return plain_distance(b, 0, theta) + plain_distance(b, 1, theta);
  };
  const double least = value(testing::truth1d), plain_least = plain(testing::truth1d);
  const std::vector<double> other{2.1875, -0.3, 3.2, 1.09375, -0.2, 4};
  const double scale = (value(off1d) - least) / (plain(off1d) - plain_least);
  EXPECT_NEAR((value(other) - least) / (plain(other) - plain_least), scale, 5e-4 * scale);
  EXPECT_NEAR(least / plain_least, scale, 0.01 * scale);
  EXPECT_GT(least, 0.01);
  EXPECT_LT(least, 10);
}

TEST(EnergyDistance, IsAsEfficientAsPublished) {
  // statistics 2.1: p1, p2, ln r, p4, p5 and the fifth root of the determinant.
  const double published[5] = {0.791, 0.722, 0.533, 0.671, 0.546};
  const BoundObjective b("proxy1d", testing::truth1d, 1000, "energy_distance");
  const auto found = testing::efficiency(*b.criterion, b.density, 1000);
  for (std::size_t k = 0; k < 5; ++k)
    EXPECT_NEAR(found.each[k], published[k], 0.01 * published[k]) << "parameter " << k;
  EXPECT_NEAR(found.all, 0.814, 0.01 * 0.814);
}

TEST(EnergyDistance, GradientsMatchDifferencesOnOneAndTwoAxes) {
  const BoundObjective one("proxy1d", testing::truth1d, 2000, "energy_distance");
  EXPECT_LT(testing::gradient_error(*one.criterion, off1d), 1e-6);
  const BoundObjective two(
      "proxy2d", testing::truth2d, 2000, "{type: energy_distance, directions: 4}");
  EXPECT_LT(testing::gradient_error(*two.criterion, off2d), 1e-6);
}

TEST(EnergyDistance, PredictsTheVarianceOfItsGradient) {
  // 120 toys: the relative error of a variance is sqrt(2 / 119) = 0.13.
  for (const double r : testing::gradient_spread("energy_distance", 120, 400))
    EXPECT_NEAR(r, 1, 3.5 * std::sqrt(2.0 / 119));
}

TEST(EnergyDistance, SignedWeightsCancelEvents) {
  const auto theory = build<Theory>("proxy1d");
  const auto plain = testing::toy(*theory, testing::truth1d, 1000);
  auto signed_ = testing::empty_table(*theory, 1004, io::Weighted::yes);
  for (std::size_t c = 0; c < 2; ++c) {
    const auto from = plain.column(c);
    std::copy(from.begin(), from.end(), signed_.column(c).begin());
    for (std::size_t k = 0; k < 4; ++k)  // two events more, and the same taken away
      signed_.column(c)[1000 + k] = 0.3 + 0.1 * static_cast<double>(k / 2);
  }
  signed_.weights()[1000] = signed_.weights()[1002] = 1;
  signed_.weights()[1001] = signed_.weights()[1003] = -1;
  const auto use = [](io::EventTable t) {
    return [t = std::move(t)](const Theory&, const Density&) { return t; };
  };
  const BoundObjective a("proxy1d", use(plain), "energy_distance");
  const BoundObjective b("proxy1d", use(signed_), "energy_distance");
  const auto one = a.criterion->evaluate(off1d), two = b.criterion->evaluate(off1d);
  EXPECT_NEAR(one.value, two.value, 1e-9 * one.value);
  for (std::size_t k = 0; k < 6; ++k) EXPECT_NEAR(one.gradient[k], two.gradient[k], 1e-7);
  const auto small = *a.criterion->gradient_variance(off1d);
  const auto large = *b.criterion->gradient_variance(off1d);
  EXPECT_NEAR(large(1, 1) / small(1, 1), 1.004, 1e-9);  // sum w^2 = 1004
}

TEST(EnergyDistance, RefusesATotalWeightThatIsNotPositive) {
  const auto negative = [](const Theory& t, const Density&) {
    auto events = testing::empty_table(t, 2, io::Weighted::yes);
    events.column(0)[0] = events.column(1)[0] = 0.5;
    events.column(0)[1] = events.column(1)[1] = 0.4;
    events.weights()[0] = -2;
    return events;
  };
  EXPECT_THROW(BoundObjective("proxy1d", negative, "energy_distance"), DataError);
}

TEST(EnergyDistance, FindsTheTruthOfTwoAxes) {
  const BoundObjective b("proxy2d", testing::truth2d, 20000, "energy_distance");
  const auto at = b.criterion->evaluate(testing::truth2d);
  // Chi-square-like: a step of Gauss and Newton stays within the predicted errors.
  const auto inverse = stats::pseudo_inverse(at.curvature).inverse;
  const auto step = stats::multiply(inverse, at.gradient);
  const auto variance = *b.criterion->gradient_variance(testing::truth2d);
  const auto covariance = stats::multiply(inverse, stats::multiply(variance, inverse));
  for (std::size_t k = 0; k < step.size(); ++k)
    EXPECT_LT(std::abs(step[k]), 3.5 * std::sqrt(covariance(k, k))) << k;
}

}  // namespace
}  // namespace femto
