// Intervals by toys where the likelihood ratio is chi-square, so that they are known.
#include <cmath>

#include "tests/support/two_gaussians.h"
#include <gtest/gtest.h>

namespace femto {
namespace {

using testing::TwoGaussians;

TEST(FeldmanCousins, IsTheParabolasIntervalWhereTheProblemIsRegular) {
  const TwoGaussians g;
  constexpr int toys = 200;
  const auto found = g.examined(
      "{type: feldman_cousins, of: [theta1], toys: " + std::to_string(toys) + "}");
  ASSERT_EQ(found.result.size(), 1u);
  const auto& row = found.result[0];
  EXPECT_EQ(row["failed"], 0);
  // The quantile q of t = z^2 has the error sqrt(p (1 - p) / toys) / pdf(q); the end
  // sqrt(q) half of it over sqrt(q). pdf(1) = 0.242, pdf(3.84) = 0.030.
  const double off68 = 5 * std::sqrt(0.6827 * 0.3173 / toys) / 0.242 / 2;
  const double off95 = 5 * std::sqrt(0.95 * 0.05 / toys) / 0.030 / 2 / 1.96;
  const auto pull = [&](const char* interval, const char* end) {
    return (row[interval][end].get<double>() - g.theta[0]) / g.sd();
  };
  EXPECT_NEAR(pull("interval68", "lo"), -1, off68);
  EXPECT_NEAR(pull("interval68", "hi"), 1, off68);
  EXPECT_NEAR(pull("interval95", "lo"), -1.96, off95);
  EXPECT_NEAR(pull("interval95", "hi"), 1.96, off95);
  EXPECT_FALSE(row["interval95"]["lo_open"].get<bool>());
}

}  // namespace
}  // namespace femto
