// The running electromagnetic coupling against its measured value at the Z mass.
#include "femto/qcd/alpha_em.h"

#include <cmath>
#include <numbers>

#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <gtest/gtest.h>

#include "femto/core/error.h"

namespace femto::qcd {
namespace {

TEST(AlphaEm, ReachesItsValueAtTheZMass) {
  // 1/alpha(M_Z^2) = 128.95 +- 0.02 without the top quark (Particle Data Group); the fit
  // of 1989 quoted +-0.12, and spacelike and timelike values differ by less
  EXPECT_NEAR(1 / running_alpha_em(91.1876 * 91.1876), 128.95, 0.15);
}

TEST(AlphaEm, GrowsFromTheValueAtZeroAndItsPiecesJoin) {
  double last = 1 / 137.035999;
  for (double q2 = 1; q2 < 1e6; q2 *= 1.7) {
    const double now = running_alpha_em(q2);
    EXPECT_GT(now, last);
    last = now;
  }
  for (const double border : {9.0, 1e4})
    EXPECT_NEAR(
        running_alpha_em(border * (1 - 1e-9)) / running_alpha_em(border), 1, 2e-5);
}

/// Leptons by quadrature of the one-loop integral; hadrons by the published numbers.
TEST(AlphaEm, IsTheIntegralOverLeptonLoopsAndTheFit) {
  constexpr double alpha0 = 1 / 137.035999;
  boost::math::quadrature::gauss_kronrod<double, 61> rule;
  for (const double q2 : {1.5, 5.0, 20.0, 3e3, 4e5}) {
    double delta = q2 < 9     ? 0.00238 * std::log(1 + 3.927 * q2)
                   : q2 < 1e4 ? 0.00165 + 0.00299 * std::log(1 + q2)
                              : 0.00221 + 0.00293 * std::log(1 + q2);
    for (const double mass : {0.00051099895, 0.1056583755, 1.77686})
      delta += 2 * alpha0 / std::numbers::pi *
               rule.integrate(
                   [&](double z) {
                     const double w = z * (1 - z);
                     return w * std::log1p(q2 * w / (mass * mass));
                   },
                   0.0,
                   1.0,
                   15,
                   1e-12);
    EXPECT_NEAR(running_alpha_em(q2) * (1 - delta) / alpha0, 1, 1e-9) << q2;
  }
}

TEST(AlphaEm, IsRefusedOutsideTheRangeOfTheFits) {
  EXPECT_THROW(running_alpha_em(0.5), Error);
  EXPECT_THROW(running_alpha_em(1e7), Error);
}

}  // namespace
}  // namespace femto::qcd
