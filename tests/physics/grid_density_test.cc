// Grid densities: inversion of their own integral, and nothing where they are zero.
#include "femto/physics/grid_density.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "femto/core/error.h"
#include "femto/core/random.h"

namespace femto {
namespace {

RC_GTEST_PROP(GridDensity, InvertsItsOwnIntegral, ()) {
  const auto size = *rc::gen::inRange<std::size_t>(2, 40);
  GridNodes nodes(1);
  std::vector<double> value;
  double x = *rc::gen::inRange(-50, 50) / 10.0;
  for (std::size_t i = 0; i < size; ++i) {
    nodes[0].push_back(x);
    x += *rc::gen::inRange(1, 100) / 100.0;
    value.push_back(*rc::gen::inRange(0, 5) / 2.0);  // zeros included
  }
  value[*rc::gen::inRange<std::size_t>(0, size)] = 1;
  const auto density = make_grid_density(nodes, value);
  double u = *rc::gen::inRange(1, 100000) / 100000.0;
  double at = 0;
  const double* in = &u;
  double* out = &at;
  density->draw(1, &in, &out);
  RC_ASSERT(at >= nodes[0].front() && at <= nodes[0].back());
  double below = 0, total = 0;  // trapezoids, the last one cut at the event
  for (std::size_t k = 0; k + 1 < size; ++k) {
    const double h = nodes[0][k + 1] - nodes[0][k];
    const double t = std::clamp((at - nodes[0][k]) / h, 0.0, 1.0);
    below += h * t * (value[k] + 0.5 * t * (value[k + 1] - value[k]));
    total += h * 0.5 * (value[k] + value[k + 1]);
  }
  RC_ASSERT(std::abs(below / total - u) < 1e-12);
}

TEST(GridDensity, GivesNoEventsWhereItIsZero) {
  const GridNodes one{{0, 1, 2, 3, 4, 5}};
  const auto line = make_grid_density(one, {0, 0, 1, 0, 0, 0});
  const GridNodes two{{0, 1, 2, 3}, {0, 1, 2, 3}};
  std::vector<double> corner(16, 0.0);
  corner[5] = 1;  // a pyramid over [0, 2]^2
  const auto pyramid = make_grid_density(two, corner);
  const random::Stream stream{3, 4};
  for (std::uint64_t i = 0; i < 20000; ++i) {
    const auto u = random::uniform_pair(stream, i);
    const double* in[] = {&u[0], &u[1]};
    double x = 0, y = 0;
    double* out[] = {&x, &y};
    line->draw(1, in, out);
    ASSERT_TRUE(x > 1 && x < 3) << x;
    pyramid->draw(1, in, out);
    ASSERT_TRUE(x > 0 && x < 2 && y > 0 && y < 2) << x << " " << y;
  }
}

TEST(GridDensity, RefusesADensityThatIsZeroEverywhere) {
  EXPECT_THROW(make_grid_density({{0, 1}}, {0, 0}), NumericalError);
  const GridNodes two{{0, 1}, {0, 1}};
  EXPECT_THROW(make_grid_density(two, {0, 0, 0, 0}), NumericalError);
}

TEST(GridDensity, KnowsItsOwnDensity) {
  // bilinear x (1 + y) on [0, 2] x [0, 1]: integral 3
  const GridNodes nodes{{0, 0.5, 2}, {0, 0.25, 1}};
  std::vector<double> value;
  for (const double x : nodes[0])
    for (const double y : nodes[1]) value.push_back(x * (1 + y));
  const auto density = make_grid_density(nodes, value);
  EXPECT_NEAR(density->integral(), 3, 1e-15);
  const double x[] = {0.3, 1.7, 2.0, 2.1}, y[] = {0.6, 0.1, 1.0, 0.5};
  const double* at[] = {x, y};
  double q[4];
  density->density(4, at, q);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(q[i], x[i] * (1 + y[i]) / 3, 1e-15);
  EXPECT_EQ(q[3], 0);
}

}  // namespace
}  // namespace femto
