// Densities at the initial scale: sum rules, the published toy input, derivatives.
#include "femto/qcd/initial_scale.h"

#include <cmath>

#include <boost/math/quadrature/tanh_sinh.hpp>
#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/qcd/toy_input.h"

namespace femto::qcd {
namespace {

/// The Les Houches toy densities as parameters.
std::vector<double> toy() {
  const double sea = 0.1939875;
  return {0.8,       3,    0, 0,         // up_valence
          0.8,       4,    0, 0,         // down_valence
          -0.1,      5,    0, 0,         // gluon
          sea,       -0.1, 7, 0, 0,      // anti_up = (1 - x) anti_down
          sea,       -0.1, 6, 0, 0,      // anti_down
          0.4 * sea, -0.1, 6, 0, -0.5};  // strange = 0.2 (anti_up + anti_down)
}

std::vector<double> curved() {
  return {0.7, 3.2, 0.5, 1.5, 0.9,  4.1, -0.4, 2.0, -0.15, 5.5,  -0.8, 0.7, 0.15, -0.2,
          7,   0.3, 0.2, 0.2, -0.1, 6.5, 0.1,  0.4, 0.05,  -0.1, 8,    0.6, -0.3};
}

TEST(InitialScale, ContainsTheLesHouchesInput) {
  const XGrid grid({});
  const InitialScale model(grid);
  const auto amplitudes = model.amplitudes(toy());
  EXPECT_NEAR(amplitudes[0], 5.1072, 1e-9 * 5.1072);  // from 2 valence up quarks
  EXPECT_NEAR(amplitudes[1], 3.06432, 1e-9 * 3.06432);
  EXPECT_NEAR(amplitudes[2], 1.7, 2e-7);  // printed so that momenta add up to 0.99999998
  std::vector<double> f(flavour_rows * grid.size());
  model.densities(toy(), f);
  const auto published = les_houches_input(grid);
  for (std::size_t i = 0; i < f.size(); ++i)
    EXPECT_NEAR(f[i], published[i], 2e-7 * published[i]);
}

TEST(InitialScale, ObeysTheSumRules) {
  const auto p = curved();
  const auto n = InitialScale(XGrid({})).amplitudes(p);
  boost::math::quadrature::tanh_sinh<double> rule(15);
  const auto integral = [&](std::size_t at, double power) {
    const Shape s{p[at], p[at + 1], p[at + 2], p[at + 3]};
    return rule.integrate([&](double x) { return std::pow(x, power) * s(x); }, 0.0, 1.0);
  };
  EXPECT_NEAR(n[0] * integral(0, -1), 2, 1e-10);
  EXPECT_NEAR(n[1] * integral(4, -1), 1, 1e-10);
  EXPECT_NEAR(
      n[0] * integral(0, 0) + n[1] * integral(4, 0) + n[2] * integral(8, 0) +
          2 * (n[3] * integral(13, 0) + n[4] * integral(18, 0) + n[5] * integral(23, 0)),
      1,
      1e-10);
}

TEST(InitialScale, DerivativesAreThoseOfTheDensities) {
  const XGrid grid({.nodes = 20});
  const InitialScale model(grid);
  const std::size_t size = flavour_rows * 20;
  std::vector<double> slopes(InitialScale::parameter_count * size);
  std::vector<double> up(size), down(size);
  model.jacobian(curved(), slopes);
  for (std::size_t i = 0; i < InitialScale::parameter_count; ++i) {
    auto p = curved();
    const double h = 1e-5;
    p[i] = curved()[i] + h;
    model.densities(p, up);
    p[i] = curved()[i] - h;
    model.densities(p, down);
    for (std::size_t j = 0; j < size; ++j)
      EXPECT_NEAR(slopes[i * size + j],
                  (up[j] - down[j]) / (2 * h),
                  1e-7 * (1 + std::abs(slopes[i * size + j])))
          << InitialScale::names()[i];
  }
}

TEST(InitialScale, RefusesDivergentNumbers) {
  auto p = toy();
  p[0] = 0;  // x u_v constant at small x: infinitely many quarks
  EXPECT_THROW(InitialScale(XGrid({})).amplitudes(p), NumericalError);
  p = toy();
  p[9] = -1;
  EXPECT_THROW(InitialScale(XGrid({})).amplitudes(p), NumericalError);
}

}  // namespace
}  // namespace femto::qcd
