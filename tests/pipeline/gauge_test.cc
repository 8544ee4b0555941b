// Along a null direction the start decides; elsewhere nothing moves.
#include "femto/pipeline/gauge.h"

#include <cmath>

#include <gtest/gtest.h>

using namespace femto;

namespace {

/// f = (ln b - ln a - 0.5)^2: scaling both leaves it unchanged, as two amplitudes do.
stats::Evaluation ratio(std::span<const double> x) {
  const double d = std::log(x[1] / x[0]) - 0.5;
  const double g[2] = {-2 * d / x[0], 2 * d / x[1]};
  stats::Evaluation e{d * d, {g[0], g[1]}, Matrix(2, 2)};
  const double s[2] = {-1 / x[0], 1 / x[1]};
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j) e.curvature(i, j) = 2 * s[i] * s[j];
  return e;
}

ParameterSetup setup(double start) {
  return {{{"a", 0, 3, start, "", ""}, {"b", 0, 3, start, "", ""}}, {false, false}};
}

}  // namespace

TEST(Gauge, MovesAlongTheNullDirectionOnly) {
  const double r = std::exp(0.5);
  const std::vector<double> edge = {3 / r, 3};
  const auto x = nearest_start(ratio, setup(1), ratio(edge).curvature, edge);
  // The point of the ray (a, r a) nearest (1, 1): a = (1 + r) / (1 + r^2).
  const double a = (1 + r) / (1 + r * r);
  EXPECT_NEAR(x[0], a, 1e-12);
  EXPECT_NEAR(x[1], r * a, 1e-12);
}

TEST(Gauge, StaysInTheBox) {
  const double r = std::exp(0.5);
  const std::vector<double> inside = {1, r};
  const auto x = nearest_start(ratio, setup(30), ratio(inside).curvature, inside);
  EXPECT_NEAR(x[1], 3, 1e-12);
  EXPECT_NEAR(x[0], 3 / r, 1e-12);
}

TEST(Gauge, WithoutNullDirectionsNothingMoves) {
  Matrix full(2, 2);
  full(0, 0) = full(1, 1) = 1;
  const std::vector<double> theta = {0.3, 2};
  EXPECT_EQ(nearest_start(ratio, setup(1), full, theta), theta);
}
