// Quantiles and probabilities against published tables and closed forms.
#include "femto/stats/distributions.h"

#include <cmath>

#include <gtest/gtest.h>

namespace femto::stats {
namespace {

TEST(Distributions, ChiSquareQuantilesOfOneDegreeAreSquaredNormalOnes) {
  // ParticleDataGroup:2022 table 40.2: 1.00 at 68.27 %, 3.84 at 95 %, 4.00 at 95.45 %.
  EXPECT_NEAR(chi_square_quantile(0.682689492137086, 1), 1, 1e-12);
  EXPECT_NEAR(chi_square_quantile(0.95, 1), 3.841458820694124, 1e-12);
  EXPECT_NEAR(chi_square_quantile(0.9544997361036416, 1), 4, 1e-11);
}

TEST(Distributions, ChiSquareOfTwoDegreesIsExponential) {
  for (const double x : {0.1, 1.0, 7.5, 60.0}) {
    EXPECT_NEAR(chi_square_cdf(x, 2), -std::expm1(-x / 2), 1e-14);
    EXPECT_NEAR(
        chi_square_survival(x, 2), std::exp(-x / 2), 1e-14 * std::exp(-x / 2) + 1e-300);
  }
  EXPECT_EQ(chi_square_cdf(-1, 3), 0);
  EXPECT_EQ(chi_square_survival(-1, 3), 1);
}

TEST(Distributions, NormalQuantilesAreThoseOfTheTable) {
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-13);
  EXPECT_NEAR(normal_quantile(0.5), 0, 1e-15);
  EXPECT_NEAR(normal_cdf(1), 0.8413447460685429, 1e-15);
}

TEST(Distributions, KolmogorovCriticalValuesAreThoseOfTheLimit) {
  // Critical values of sqrt(n) D: 1.3581 at 5 %, 1.6276 at 1 %. Source: Stephens:1970.
  const double n = 1e12;
  EXPECT_NEAR(kolmogorov_survival(1.3581 / std::sqrt(n), n), 0.05, 1e-5);
  EXPECT_NEAR(kolmogorov_survival(1.6276 / std::sqrt(n), n), 0.01, 1e-5);
  EXPECT_EQ(kolmogorov_survival(0, 100), 1);
  EXPECT_NEAR(kolmogorov_survival(1, 100), 0, 1e-80);
}

TEST(Distributions, BothSeriesOfKolmogorovMeet) {
  const double n = 1e12;
  const double below = kolmogorov_survival(1.17999 / std::sqrt(n), n);
  const double above = kolmogorov_survival(1.18001 / std::sqrt(n), n);
  EXPECT_NEAR(below, above, 2e-5 * 8 * 1.18 * std::exp(-2 * 1.18 * 1.18));
}

TEST(Distributions, BinomialErrorOfACoverage) {
  EXPECT_NEAR(binomial_error(0.9545, 400), 0.010419, 1e-6);
}

TEST(Distributions, BinomialIntervalOfNoneSeenIsTheClosedForm) {
  // Clopper:1934: none of n seen gives the upper end 1 - (tail)^(1/n).
  const auto none = binomial_interval(0, 20, 0.95);
  EXPECT_EQ(none.lo, 0);
  EXPECT_NEAR(none.hi, 1 - std::pow(0.025, 1.0 / 20), 1e-12);
  const auto all = binomial_interval(20, 20, 0.95);
  EXPECT_NEAR(all.lo, std::pow(0.025, 1.0 / 20), 1e-12);
  EXPECT_EQ(all.hi, 1);
}

}  // namespace
}  // namespace femto::stats
