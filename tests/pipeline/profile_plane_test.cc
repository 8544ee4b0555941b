// Profile likelihoods of two quantities against closed forms.
#include "femto/pipeline/profile_plane.h"

#include <cmath>

#include <gtest/gtest.h>

using namespace femto;

namespace {

/// A parabola in three parameters with minimum at (1, 2, 3).
const double information[3][3] = {{4, 1, 0.5}, {1, 3, -1}, {0.5, -1, 2}};

stats::Evaluation parabola(std::span<const double> t) {
  stats::Evaluation e{0, {0, 0, 0}, Matrix(3, 3)};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) {
      const double a = t[i] - 1 - static_cast<double>(i),
                   b = t[j] - 1 - static_cast<double>(j);
      e.value += a * information[i][j] * b / 2;
      e.gradient[i] += information[i][j] * b;
      e.curvature(i, j) = information[i][j];
    }
  return e;
}

IntervalProblem problem() {
  IntervalProblem p;
  p.f = parabola;
  p.box = {{-50, 50}, {-50, 50}, {-50, 50}};
  p.theta = {1, 2, 3};
  settle(p);
  return p;
}

PlaneAxis parameter(int k, double lo, double hi) {
  return {coordinate_quantity("p", static_cast<std::size_t>(k), 3), k, {lo, hi}};
}

/// Minimum over the third parameter of a parabola with the first two held: Schur's
/// complement.
double held(double x, double y) {
  double rise = 0;
  const double d[] = {x - 1, y - 2};
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j)
      rise +=
          d[i] * d[j] *
          (information[i][j] - information[i][2] * information[2][j] / information[2][2]);
  return rise;
}

}  // namespace

TEST(ProfilePlane, OfAParabolaIsSchursComplement) {
  const auto plane =
      profile_plane(problem(), parameter(0, -1, 2), parameter(1, 0, 5), {.points = 11});
  ASSERT_EQ(plane.x.size(), 11u);
  EXPECT_EQ(plane.x.front(), -1);
  EXPECT_EQ(plane.y.back(), 5);
  for (std::size_t j = 0; j < 11; ++j)
    for (std::size_t i = 0; i < 11; ++i)
      EXPECT_NEAR(plane.rise(j, i), held(plane.x[i], plane.y[j]), 1e-7);
}

TEST(ProfilePlane, TakesADerivedQuantityOnEitherAxis) {
  // exp(p1): the same plane on a curved axis
  const Quantity curved{"e",
                        [](std::span<const double> t) { return std::exp(t[1]); },
                        [](std::span<const double> t) {
                          return std::vector<double>{0, std::exp(t[1]), 0};
                        }};
  const PlaneAxis derived{curved, -1, {4, 12}};
  const auto plane =
      profile_plane(problem(), parameter(0, 0, 2), derived, {.points = 11});
  const auto turned =
      profile_plane(problem(), derived, parameter(0, 0, 2), {.points = 11});
  for (std::size_t j = 0; j < 11; ++j)
    for (std::size_t i = 0; i < 11; ++i) {
      EXPECT_NEAR(plane.rise(j, i), held(plane.x[i], std::log(plane.y[j])), 1e-5);
      EXPECT_NEAR(turned.rise(i, j), plane.rise(j, i), 1e-5);
    }
}

TEST(ProfilePlane, FollowsTheLowerOfTwoValleys) {
  // Two minima at z = -2 and z = 2, the second lower where x > 0.
  IntervalProblem p;
  p.f = [](std::span<const double> t) {
    const double q = t[2] * t[2] - 4;
    stats::Evaluation e{(t[0] * t[0] + t[1] * t[1]) / 2 + q * q - 0.5 * t[0] * t[2],
                        {t[0] - 0.5 * t[2], t[1], 4 * q * t[2] - 0.5 * t[0]},
                        Matrix(3, 3)};
    e.curvature(0, 0) = e.curvature(1, 1) = 1;
    e.curvature(2, 2) = 8 * t[2] * t[2];
    return e;
  };
  p.box = {{-9, 9}, {-9, 9}, {-9, 9}};
  p.theta = stats::minimise(p.f, std::vector<double>{1, 0, 2}, p.box).x;
  p.modes = {stats::minimise(p.f, std::vector<double>{-1, 0, -2}, p.box).x};
  settle(p);
  const auto plane =
      profile_plane(p, parameter(0, -3, 3), parameter(1, -1, 1), {.points = 13});
  for (std::size_t i = 0; i < 13; ++i)
    EXPECT_NEAR(plane.rise(6, i), plane.rise(6, 12 - i), 1e-6) << plane.x[i];
}
