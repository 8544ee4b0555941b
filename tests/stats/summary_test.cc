// Summaries of samples small enough to do by hand.
#include "femto/stats/summary.h"

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace femto::stats {
namespace {

TEST(Summary, OfFourNumbers) {
  const std::vector<double> x{1, 2, 3, 10};
  EXPECT_EQ(mean(x), 4);
  EXPECT_NEAR(variance(x), 50.0 / 3, 1e-14);                  // (9 + 4 + 1 + 36) / 3
  EXPECT_NEAR(skewness(x), 45 / std::pow(12.5, 1.5), 1e-14);  // (-27 - 8 - 1 + 216) / 4
  EXPECT_EQ(variance(std::vector<double>{7}), 0);
  EXPECT_EQ(skewness(std::vector<double>{7, 7}), 0);
}

TEST(Summary, VarianceSurvivesALargeOffset) {
  EXPECT_NEAR(variance(std::vector<double>{1e9 + 1, 1e9 + 2, 1e9 + 3}), 1, 1e-12);
}

TEST(Summary, QuantilesInterpolateOrderStatistics) {
  const std::vector<double> x{4, 1, 3, 2};
  EXPECT_EQ(quantile(x, 0), 1);
  EXPECT_EQ(quantile(x, 1), 4);
  EXPECT_EQ(quantile(x, 0.5), 2.5);
  EXPECT_NEAR(quantile(x, 0.1), 1.3, 1e-15);
}

TEST(Summary, CovarianceOfThreeDraws) {
  const Matrix c = covariance({{1, 2}, {2, 4}, {3, 6}});
  EXPECT_NEAR(c(0, 0), 1, 1e-15);
  EXPECT_NEAR(c(0, 1), 2, 1e-15);
  EXPECT_NEAR(c(1, 1), 4, 1e-15);
  const Matrix r = correlation(c);
  EXPECT_NEAR(r(0, 1), 1, 1e-15);
  EXPECT_EQ(r(0, 0), 1);
}

RC_GTEST_PROP(Summary, QuantilesAreMonotone, (const std::vector<int>& raw)) {
  RC_PRE(!raw.empty());
  const std::vector<double> x(raw.begin(), raw.end());
  const double a = *rc::gen::inRange(0, 101) / 100.0;
  const double b = *rc::gen::inRange(0, 101) / 100.0;
  RC_ASSERT(quantile(x, std::min(a, b)) <= quantile(x, std::max(a, b)));
}

}  // namespace
}  // namespace femto::stats
