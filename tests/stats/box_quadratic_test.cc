// Convex quadratics in a box against the conditions that make a minimum.
#include "femto/stats/box_quadratic.h"

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "femto/stats/linear.h"

namespace femto::stats {
namespace {

double number(int most) {
  return *rc::gen::inRange(-1000 * most, 1000 * most + 1) / 1e3;
}

BoxQuadratic random_problem(std::size_t n) {
  Matrix a(n, n);
  for (double& v : a.data) v = number(1);
  BoxQuadratic q{multiply(transpose(a), a), {}, {}, {}};
  for (std::size_t i = 0; i < n; ++i) {
    q.b(i, i) += 0.1;
    q.g.push_back(number(3));
    q.lo.push_back(-std::abs(number(1)));
    q.hi.push_back(std::abs(number(1)));
  }
  return q;
}

/// Zero gradient inside, outward at bounds: necessary and enough for a convex function.
void check_conditions(const BoxQuadratic& q, const std::vector<double>& s) {
  const auto bs = multiply(q.b, s);
  for (std::size_t i = 0; i < s.size(); ++i) {
    RC_ASSERT(s[i] >= q.lo[i]);
    RC_ASSERT(s[i] <= q.hi[i]);
    const double g = q.g[i] + bs[i];
    if (s[i] > q.lo[i]) RC_ASSERT(g < 1e-9);
    if (s[i] < q.hi[i]) RC_ASSERT(g > -1e-9);
  }
}

RC_GTEST_PROP(BoxQuadratic, MeetsTheConditionsOfAMinimum, ()) {
  const BoxQuadratic q = random_problem(6);
  check_conditions(q, minimum_in_box(q));
}

RC_GTEST_PROP(BoxQuadratic, OnAPlaneIsTheMinimumOfTheLagrangian, ()) {
  const BoxQuadratic q = random_problem(5);
  std::vector<double> a, inside;
  for (std::size_t i = 0; i < 5; ++i) {
    a.push_back(number(2));
    inside.push_back(q.lo[i] + (q.hi[i] - q.lo[i]) * std::abs(number(1)));
  }
  RC_PRE(dot(a, a) > 0.01);
  const double target = dot(a, inside);  // some point of the box lies on the plane
  const PlaneStep step = minimum_on_plane(q, a, target);
  RC_ASSERT(std::abs(dot(a, step.s) - target) < 1e-9);
  BoxQuadratic lagrangian = q;
  for (std::size_t i = 0; i < 5; ++i) lagrangian.g[i] += step.multiplier * a[i];
  // Multipliers of a plane that touches the box only in a corner are large.
  if (std::abs(step.multiplier) < 1e3) check_conditions(lagrangian, step.s);
}

TEST(BoxQuadratic, OnAPlaneBeyondTheBoxGoesAsFarAsItCan) {
  const BoxQuadratic q{identity(2), {0, 0}, {-1, -1}, {1, 1}};
  const PlaneStep step = minimum_on_plane(q, std::vector<double>{1, 0}, 5);
  EXPECT_EQ(step.s[0], 1);
}

TEST(BoxQuadratic, LeavesHeldCoordinatesAlone) {
  const BoxQuadratic q{identity(2), {-3, -3}, {0, -1}, {0, 1}};
  EXPECT_EQ(minimum_in_box(q), (std::vector<double>{0, 1}));
}

}  // namespace
}  // namespace femto::stats
