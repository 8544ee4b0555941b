// The 1-D proxy: names, boxes, slopes at the edges of the box, curves, derived ratio.
#include <cmath>
#include <limits>

#include "tests/support/build.h"
#include "tests/support/proxies.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace femto {
namespace {

using testing::build;
using testing::evaluate_at;
using testing::truth1d;

TEST(Proxy1d, HasThePublishedParametersAndChannels) {
  const auto theory = build<Theory>("proxy1d");
  const char* names[] = {"N_u", "a_u", "b_u", "N_d", "a_d", "b_d"};
  const double lo[] = {0, -1, 0}, hi[] = {3, 1, 5};
  ASSERT_EQ(theory->parameters().size(), 6u);
  for (std::size_t k = 0; k < 6; ++k) {
    const auto& p = theory->parameters()[k];
    EXPECT_EQ(p.name, names[k]);
    EXPECT_EQ(p.lo, lo[k % 3]);
    EXPECT_EQ(p.hi, hi[k % 3]);
    EXPECT_EQ(p.start, (lo[k % 3] + hi[k % 3]) / 2);
    EXPECT_EQ(parameter_index(*theory, names[k]), static_cast<int>(k));
  }
  EXPECT_EQ(parameter_index(*theory, "N_s"), -1);
  EXPECT_EQ(columns_of(*theory), (std::vector<std::string>{"x1", "x2"}));
  for (const auto& channel : theory->channels()) {
    EXPECT_EQ(channel.axes[0].lo, 0.1);
    EXPECT_EQ(channel.axes[0].hi, 0.99999);
  }
}

RC_GTEST_PROP(Proxy1d, IsTheWeightedSumOfItsShapes, ()) {
  const auto theory = build<Theory>("proxy1d");
  std::vector<double> theta;
  for (const auto& p : theory->parameters())
    theta.push_back(p.lo + (p.hi - p.lo) * *rc::gen::inRange(1, 1000) / 1000.0);
  const double x = 0.1 + 0.89 * *rc::gen::inRange(0, 1000) / 1000.0;
  const auto curves = theory->curves();
  const double u = curves[0].value(x, theta), d = curves[1].value(x, theta);
  const double one = evaluate_at(*theory, 0, theta, {x}).log_sigma;
  const double two = evaluate_at(*theory, 1, theta, {x}).log_sigma;
  RC_ASSERT(std::abs(one - std::log(4 * u + d)) < 1e-13);
  RC_ASSERT(std::abs(two - std::log(u + 4 * d)) < 1e-13);
}

/// Central difference of f at theta in direction k; h is large enough for round-off.
template <class F>
double difference(const F& f, std::vector<double> theta, std::size_t k) {
  const double h = 1e-5, at = theta[k];
  theta[k] = at + h;
  const double above = f(theta);
  theta[k] = at - h;
  return (above - f(theta)) / (2 * h);
}

TEST(Proxy1d, SlopesAreFiniteDifferences) {
  const auto theory = build<Theory>("proxy1d");
  const std::vector<std::vector<double>> points{
      truth1d, {0.01, 0.9, 4.5, 2.9, -0.9, 0.3}, {2.9, -0.9, 0.3, 0.01, 0.9, 4.5}};
  for (const auto& theta : points)
    for (std::size_t c = 0; c < 2; ++c)
      for (const double x : {0.1, 0.5, 0.99}) {
        const auto at = evaluate_at(*theory, c, theta, {x});
        for (std::size_t k = 0; k < 6; ++k) {
          const double numeric = difference(
              [&](const auto& t) { return evaluate_at(*theory, c, t, {x}).log_sigma; },
              theta,
              k);
          EXPECT_NEAR(at.slope[k], numeric, 1e-6 * std::max(1.0, std::abs(numeric)));
        }
      }
}

TEST(Proxy1d, ReachesItsEdgesContinuously) {
  const auto theory = build<Theory>("proxy1d");
  for (const std::size_t amplitude : {0u, 3u}) {
    auto edge = truth1d, near = truth1d;
    edge[amplitude] = 0;
    near[amplitude] = 1e-12;
    for (std::size_t c = 0; c < 2; ++c) {
      const auto a = evaluate_at(*theory, c, edge, {0.4});
      const auto b = evaluate_at(*theory, c, near, {0.4});
      EXPECT_NEAR(a.log_sigma, b.log_sigma, 1e-10);
      for (std::size_t k = 0; k < 6; ++k) EXPECT_NEAR(a.slope[k], b.slope[k], 1e-9);
    }
  }
  const std::vector<double> nothing{0, -0.5, 3, 0, -0.5, 4};
  const auto zero = evaluate_at(*theory, 0, nothing, {0.4});
  EXPECT_EQ(zero.log_sigma, -std::numeric_limits<double>::infinity());
  for (const double s : zero.slope) EXPECT_EQ(s, 0);
}

TEST(Proxy1d, CurvesAndRatioHaveTheSlopesOfFiniteDifferences) {
  const auto theory = build<Theory>("proxy1d");
  for (const auto& curve : theory->curves()) {
    const auto slope = curve.gradient(0.3, truth1d);
    for (std::size_t k = 0; k < 6; ++k)
      EXPECT_NEAR(
          slope[k],
          difference([&](const auto& t) { return curve.value(0.3, t); }, truth1d, k),
          1e-8);
  }
  const auto ratio = theory->derived().at(0);
  EXPECT_EQ(ratio.name, "ln_ratio");
  EXPECT_NEAR(ratio.value(truth1d), std::log(0.5), 1e-15);
  const auto slope = ratio.gradient(truth1d);
  for (std::size_t k = 0; k < 6; ++k)
    EXPECT_NEAR(slope[k], difference(ratio.value, truth1d, k), 1e-8);
}

TEST(Proxy1d, DoesNotDependOnThePlaceInABatch) {
  const auto theory = build<Theory>("proxy1d");
  const std::size_t n = 1500;
  std::vector<double> x(n), lx(n), l1(n), all(n);
  for (std::size_t i = 0; i < n; ++i)
    x[i] = 0.1 + 0.89 * static_cast<double>(i) / static_cast<double>(n);
  const double* in = x.data();
  double* features[] = {lx.data(), l1.data()};
  theory->features(0, n, &in, features);
  theory->evaluate(0, truth1d, n, features, all.data(), nullptr);
  for (const std::size_t i : {0u, 3u, 511u, 512u, 1499u})
    EXPECT_EQ(evaluate_at(*theory, 0, truth1d, {x[i]}).log_sigma, all[i]);
}

}  // namespace
}  // namespace femto
