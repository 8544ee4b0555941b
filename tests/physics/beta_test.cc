// Beta integrals and sum rules against published values and independent quadrature.
#include "femto/physics/beta.h"

#include <algorithm>
#include <cmath>

#include <boost/math/quadrature/gauss.hpp>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "femto/core/error.h"
#include "femto/physics/sum_rules.h"

namespace femto {
namespace {

TEST(BetaIntegral, MatchesThePublishedNormsOfTheProxies) {
  // Proxy applications, tables 1.3 and 2.1 (30-digit Beta functions).
  EXPECT_NEAR(2.1875 * beta_integral(0.1, 0.99999, -0.5, 3), 0.7467498348045192, 1e-15);
  EXPECT_NEAR(1.09375 * beta_integral(0.1, 0.99999, -0.5, 4), 0.2814603689066776, 1e-15);
  const double a[] = {0.1015662576562176, 0.02770561508335153, 0.01065601064674714};
  const double b[] = {0.1066322180719421, 0.02202335679835942, 0.00693888300007696};
  for (int k = 0; k < 3; ++k) {
    EXPECT_NEAR(beta_integral(0.001, 0.999, 0.5 + k, 3) / a[k], 1, 1e-14);
    EXPECT_NEAR(beta_integral(0.001, 0.999, 0.3 + k, 4) / b[k], 1, 1e-14);
  }
}

/// int_lo^hi t^p (1-t)^q dt, lo > 0: Gauss-Legendre of 30 points in extended precision on
/// intervals whose lengths are a tenth of the distance to the nearer end of [0, 1].
double quadrature(double lo, double hi, double p, double q) {
  long double sum = 0;
  for (long double from = lo; from < hi;) {
    const long double room = std::min(from, 1 - from);
    const long double to = std::min<long double>(hi, from + room / 10);
    sum += boost::math::quadrature::gauss<long double, 30>::integrate(
        [&](long double t) { return std::pow(t, p) * std::pow(1 - t, q); }, from, to);
    from = to;
  }
  return static_cast<double>(sum);
}

RC_GTEST_PROP(BetaIntegral, AgreesWithQuadrature, ()) {
  const double p = *rc::gen::inRange(-90, 400) / 100.0;
  const double q = *rc::gen::inRange(-90, 600) / 100.0;
  const double lo = *rc::gen::inRange(1, 900) / 1000.0;
  const double hi = lo + (0.9999 - lo) * *rc::gen::inRange(1, 1000) / 1000.0;
  const double expected = quadrature(lo, hi, p, q);
  const double value = beta_integral(lo, hi, p, q);
  // 1e-12 of the integral over the half that is subtracted, for narrow intervals
  RC_ASSERT(std::abs(value - expected) <= 1e-11 * expected + 1e-14);
}

TEST(BetaIntegral, KeepsItsDigitsFarInTheTail) {
  // int_x^1 (1-t)^4 dt = (1-x)^5/5
  EXPECT_NEAR(beta_integral(0.999, 1, 0, 4) / (std::pow(1 - 0.999, 5) / 5), 1, 1e-12);
}

TEST(BetaIntegral, RefusesDivergentPowersAndForeignIntervals) {
  EXPECT_THROW(beta_integral(0.1, 0.9, -1, 2), NumericalError);
  EXPECT_THROW(beta_integral(0.1, 1.2, 0, 2), NumericalError);
}

TEST(SumRules, HoldForTheReferenceTruth) {
  // Proxy applications 1.1: 2 up quarks; 8/9 down quarks; the one-quark amplitude.
  EXPECT_NEAR(number_of_partons({2.1875, -0.5, 3}), 2, 1e-14);
  EXPECT_NEAR(number_of_partons({1.09375, -0.5, 4}), 8.0 / 9, 1e-14);
  EXPECT_NEAR(amplitude_for_number(1, -0.5, 4), 1.23046875, 1e-14);
}

TEST(SumRules, MomentumOfAFlatDensityIsHalf) {
  EXPECT_NEAR(momentum_fraction({1, 0, 0}), 0.5, 1e-15);
  // B(5/2, 4) / B(3/2, 4) = (3/2) / (11/2)
  EXPECT_NEAR(
      momentum_fraction({1, 0.5, 3}) / number_of_partons({1, 0.5, 3}), 3.0 / 11, 1e-14);
}

}  // namespace
}  // namespace femto
