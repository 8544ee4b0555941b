// The grid in x: nodes, interpolation and integrals against closed forms.
#include "femto/qcd/x_grid.h"

#include <cmath>

#include <boost/math/special_functions/beta.hpp>
#include <gtest/gtest.h>

#include "femto/core/error.h"

namespace femto::qcd {
namespace {

std::vector<double> sample(const XGrid& grid, const auto& f) {
  std::vector<double> values;
  for (const double x : grid.x()) values.push_back(f(x));
  return values;
}

TEST(XGrid, PositionsAndNodesAreInverse) {
  const XGrid grid({.nodes = 80, .x_min = 1e-6, .stretch = 12});
  EXPECT_EQ(grid.x()[0], 1e-6);
  for (std::size_t j = 0; j < grid.size(); ++j) {
    EXPECT_NEAR(grid.position(grid.x()[j]), static_cast<double>(j), 1e-10);
    if (j > 0) {
      EXPECT_GT(grid.x()[j], grid.x()[j - 1]);
    }
  }
  EXPECT_LT(grid.x().back(), 1);
  EXPECT_NEAR(grid.at(80), 1, 1e-15);
  for (const double x : {1e-6, 0.003, 0.4, 0.99}) {
    EXPECT_NEAR(grid.at(grid.position(x)), x, 1e-13 * x);
    const double h = 1e-5 * x;
    EXPECT_NEAR((grid.position(x + h) - grid.position(x - h)) / (2 * h),
                grid.slope(x),
                1e-7 * grid.slope(x));
  }
}

TEST(XGrid, InterpolatesPolynomialsInItsVariableExactly) {
  for (const std::size_t degree : {1, 4, 7, 11}) {
    const XGrid grid({.nodes = 40, .x_min = 1e-4, .stretch = 10, .degree = degree});
    const auto f = [&](double x) {  // zero at x = 1, as every density is
      const double t = 1 - grid.position(x) / 40;
      return t * std::pow(0.3 + t, static_cast<double>(degree) - 1);
    };
    const auto values = sample(grid, f);
    for (const double x : {1e-4, 2e-4, 0.01, 0.3, 0.95, 0.999, 1.0})
      EXPECT_NEAR(grid.interpolate(values, x), f(x), 1e-12) << "degree " << degree;
  }
}

TEST(XGrid, IntegratesPowers) {
  const XGrid grid({});
  const auto f = [](double x) { return std::pow(x, 0.8) * std::pow(1 - x, 3); };
  const auto values = sample(grid, f);
  for (const double n : {1.0, 2.0, 3.0}) {
    const double exact = boost::math::beta(0.8 + n - 1, 4.0);
    const auto moment = grid.moment(values, n);
    EXPECT_NEAR(moment.total(), exact, 2e-9 * exact) << "moment " << n;
    EXPECT_NEAR(
        moment.below, std::pow(1e-7, 0.8 + n - 1) / (0.8 + n - 1), 1e-5 * moment.below);
  }
}

TEST(XGrid, RefusesWhatItCannotDo) {
  EXPECT_THROW(XGrid({.nodes = 5}), Error);
  EXPECT_THROW(XGrid({.x_min = 0}), Error);
  EXPECT_THROW(XGrid({.x_min = 1}), Error);
  EXPECT_THROW(XGrid({.degree = 12}), Error);
  const XGrid grid({});
  const std::vector<double> ones(grid.size(), 1.0);
  EXPECT_THROW(grid.interpolate(ones, 1e-8), Error);
  EXPECT_THROW(grid.interpolate(ones, 1.1), Error);
  EXPECT_THROW(grid.moment(ones, 1), NumericalError);  // int dx/x
  auto wave = ones;
  wave[3] = -1;
  EXPECT_THROW(grid.moment(wave, 2), NumericalError);
}

}  // namespace
}  // namespace femto::qcd
