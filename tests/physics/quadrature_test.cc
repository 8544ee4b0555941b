// Gauss-Legendre rules against closed forms and their defining property.
#include "femto/physics/quadrature.h"

#include <cmath>

#include <boost/math/special_functions/legendre.hpp>
#include <gtest/gtest.h>

namespace femto {
namespace {

TEST(GaussLegendre, MatchesTheClosedFormOfThreePoints) {
  const auto rule = gauss_legendre(3);
  EXPECT_NEAR(rule.x[0], -std::sqrt(0.6), 1e-15);
  EXPECT_EQ(rule.x[1], 0);
  EXPECT_NEAR(rule.x[2], std::sqrt(0.6), 1e-15);
  EXPECT_NEAR(rule.weight[0], 5.0 / 9, 1e-15);
  EXPECT_NEAR(rule.weight[1], 8.0 / 9, 1e-15);
}

TEST(GaussLegendre, NodesAreTheZerosOfLegendrePolynomials) {
  for (const int n : {2, 5, 10, 33, 64}) {
    const auto rule = gauss_legendre(static_cast<std::size_t>(n));
    const auto zeros =
        boost::math::legendre_p_zeros<long double>(n);  // non-negative ones
    for (std::size_t i = 0; i < zeros.size(); ++i)
      EXPECT_NEAR(rule.x[static_cast<std::size_t>(n / 2) + i],
                  static_cast<double>(zeros[i]),
                  1e-15)
          << n << " points, zero " << i;
  }
}

TEST(GaussLegendre, IntegratesPolynomialsUpToItsDegree) {
  for (std::size_t n = 1; n <= 12; ++n) {
    const auto rule = gauss_legendre(n);
    for (std::size_t power = 0; power < 2 * n; ++power) {
      double sum = 0;
      for (std::size_t i = 0; i < n; ++i)
        sum += rule.weight[i] * std::pow(rule.x[i], static_cast<double>(power));
      const double exact = power % 2 ? 0 : 2.0 / (static_cast<double>(power) + 1);
      EXPECT_NEAR(sum, exact, 2e-15) << n << " points, power " << power;
    }
  }
}

TEST(CompositeGaussLegendre, ConvergesOnASmoothFunction) {
  const auto rule = composite_gauss_legendre(0, 3, 4);
  double sum = 0;
  for (std::size_t i = 0; i < rule.x.size(); ++i)
    sum += rule.weight[i] * std::exp(rule.x[i]);
  EXPECT_NEAR(sum, std::exp(3.0) - 1, 1e-14 * std::exp(3.0));  // double round-off
}

}  // namespace
}  // namespace femto
