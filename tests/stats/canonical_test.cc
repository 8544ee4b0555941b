// The map to canonical coordinates and the regression on their squares.
#include "femto/stats/canonical.h"

#include <cmath>

#include <gtest/gtest.h>

#include "femto/core/random.h"

namespace femto::stats {
namespace {

constexpr std::size_t n = 5000;

double normal(std::size_t i, std::uint32_t what) {
  return random::normal_pair({21, what}, i)[0];
}

TEST(Canonical, CoordinatesAreWhiteAndTheTellingOneIsFirst) {
  Matrix summaries(n, 4), parameters(n, 1);
  for (std::size_t i = 0; i < n; ++i) {
    const double theta = normal(i, 0);
    parameters(i, 0) = theta;
    summaries(i, 0) = 1000 + 10 * normal(i, 1);
    // Small beside the first, and told only by its difference from it.
    summaries(i, 1) = summaries(i, 0) + 0.01 * (theta + 0.1 * normal(i, 2));
    summaries(i, 2) = 5;                    // does not move
    summaries(i, 3) = 2 * summaries(i, 0);  // says nothing new
  }
  const auto map = canonical_map(summaries, parameters, 3);
  ASSERT_EQ(map.map.rows, 2u);
  double squares[2] = {}, cross = 0, told = 0, longest = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const auto x = map.of({summaries.row(i), 4});
    squares[0] += x[0] * x[0] / n;
    squares[1] += x[1] * x[1] / n;
    cross += x[0] * x[1] / n;
    told += x[0] * parameters(i, 0) / n;
    longest = std::max(longest, std::hypot(x[0], x[1]));
  }
  EXPECT_NEAR(squares[0], 1, 1e-4);
  EXPECT_NEAR(squares[1], 1, 1e-4);
  EXPECT_NEAR(cross, 0, 1e-4);
  EXPECT_GT(std::fabs(told), 0.95);  // 1 / sqrt(1.01) in the limit
  EXPECT_NEAR(longest, map.farthest, 1e-4);
}

TEST(Canonical, RegressionFindsAQuadraticExactly) {
  Matrix u(200, 2);
  std::vector<double> y;
  for (std::size_t i = 0; i < 200; ++i) {
    const double a = u(i, 0) = normal(i, 4), b = u(i, 1) = normal(i, 5);
    y.push_back(1 + 2 * a + 3 * a * a - b + 0.5 * a * b - 2 * b * b);
  }
  const auto beta = quadratic_regression(u, y);
  const std::vector<double> exact{1, 2, 3, -1, 0.5, -2};
  ASSERT_EQ(beta.size(), quadratic_count(2));
  for (std::size_t k = 0; k < exact.size(); ++k) EXPECT_NEAR(beta[k], exact[k], 1e-6);
}

}  // namespace
}  // namespace femto::stats
