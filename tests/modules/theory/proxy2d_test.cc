// The 2-D proxy: names, boxes, slopes, marginal curves.
#include <cmath>
#include <limits>

#include "tests/support/build.h"
#include "tests/support/proxies.h"
#include <boost/math/quadrature/tanh_sinh.hpp>
#include <gtest/gtest.h>

#include "femto/physics/quadrature.h"

namespace femto {
namespace {

using testing::build;
using testing::evaluate_at;
using testing::truth2d;

TEST(Proxy2d, HasThePublishedParametersAndSupport) {
  const auto theory = build<Theory>("proxy2d");
  const double lo[] = {-0.5, 2.75, 0, 3, 0}, hi[] = {1, 4, 1.3, 4.5, 1.5};
  ASSERT_EQ(theory->parameters().size(), 5u);
  for (std::size_t k = 0; k < 5; ++k) {
    EXPECT_EQ(theory->parameters()[k].name, "p" + std::to_string(k));
    EXPECT_EQ(theory->parameters()[k].lo, lo[k]);
    EXPECT_EQ(theory->parameters()[k].hi, hi[k]);
  }
  EXPECT_EQ(columns_of(*theory), (std::vector<std::string>{"x", "y"}));
  for (const auto& axis : theory->channels()[0].axes) {
    EXPECT_EQ(axis.lo, 0.001);
    EXPECT_EQ(axis.hi, 0.999);
  }
}

TEST(Proxy2d, ValueAndSlopesAreTheFormula) {
  const auto theory = build<Theory>("proxy2d");
  for (const auto& [x, y] : {std::pair{0.001, 0.999}, {0.3, 0.6}, {0.9, 0.05}}) {
    const auto at = evaluate_at(*theory, 0, truth2d, {x, y});
    const double bracket = 1 + 0.75 * x * y;
    const double g = std::pow(x, 0.5) * std::pow(1 - x, 3.0) * std::pow(y, 0.3) *
                     std::pow(1 - y, 4.0) * bracket;
    EXPECT_NEAR(at.log_sigma, std::log(g), 1e-12);
    const double slope[] = {
        std::log(x), std::log(1 - x), std::log(y), std::log(1 - y), x * y / bracket};
    for (std::size_t k = 0; k < 5; ++k) EXPECT_NEAR(at.slope[k], slope[k], 1e-12);
  }
}

TEST(Proxy2d, IsZeroWhereTheBracketIsNegative) {
  const auto theory = build<Theory>("proxy2d");
  auto theta = truth2d;
  theta[4] = -3;
  const auto at = evaluate_at(*theory, 0, theta, {0.9, 0.9});
  EXPECT_EQ(at.log_sigma, -std::numeric_limits<double>::infinity());
  for (const double s : at.slope) EXPECT_EQ(s, 0);
  EXPECT_TRUE(std::isfinite(evaluate_at(*theory, 0, theta, {0.1, 0.1}).log_sigma));
}

TEST(Proxy2d, MarginalCurvesIntegrateTheDensity) {
  const auto theory = build<Theory>("proxy2d");
  const auto curves = theory->curves();
  boost::math::quadrature::tanh_sinh<double> quadrature;
  for (const double at : {0.05, 0.4}) {
    for (std::size_t axis = 0; axis < 2; ++axis) {
      const double integral = quadrature.integrate(
          [&](double other) {
            const auto point = axis == 0 ? std::vector<double>{at, other}
                                         : std::vector<double>{other, at};
            return std::exp(evaluate_at(*theory, 0, truth2d, point).log_sigma);
          },
          0.001,
          0.999,
          1e-12);
      // Z of proxy applications, table 2.1
      EXPECT_NEAR(curves[axis].value(at, truth2d), integral / 0.01128786331987285, 1e-8);
    }
  }
}

TEST(Proxy2d, MarginalSlopesAreFiniteDifferences) {
  const auto theory = build<Theory>("proxy2d");
  for (const auto& curve : theory->curves()) {
    const auto slope = curve.gradient(0.3, truth2d);
    for (std::size_t k = 0; k < 5; ++k) {
      const double h = 1e-5;
      auto up = truth2d, down = truth2d;
      up[k] += h, down[k] -= h;
      EXPECT_NEAR(
          slope[k], (curve.value(0.3, up) - curve.value(0.3, down)) / (2 * h), 1e-8);
    }
  }
}

}  // namespace
}  // namespace femto
