// Minima known in closed form: quadratics, Rosenbrock's valley, bounds, null directions.
#include "femto/stats/minimise.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "femto/core/error.h"
#include "femto/stats/linear.h"

namespace femto::stats {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
const std::vector<Bound> wide{{-1e3, 1e3}, {-1e3, 1e3}};

Matrix two(double a, double b, double c) {
  Matrix m(2, 2);
  m.data = {a, b, b, c};
  return m;
}

/// (x - centre)^T h (x - centre) / 2.
Function quadratic(const Matrix& h, const std::vector<double>& centre) {
  return [h, centre](std::span<const double> x) {
    std::vector<double> d(x.begin(), x.end());
    for (std::size_t i = 0; i < d.size(); ++i) d[i] -= centre[i];
    return Evaluation{0.5 * bilinear(d, h, d), multiply(h, d), h};
  };
}

/// (1 - x)^2 + 100 (y - x^2)^2 with its Gauss-Newton curvature.
Evaluation rosenbrock(std::span<const double> x) {
  const double a = 1 - x[0], b = x[1] - x[0] * x[0];
  return {a * a + 100 * b * b,
          {-2 * a - 400 * x[0] * b, 200 * b},
          two(2 + 800 * x[0] * x[0], -400 * x[0], 200)};
}

MinimiseOptions with(Model model, double tolerance = 1e-16) {
  MinimiseOptions o;
  o.model = model;
  o.tolerance = tolerance;
  return o;
}

TEST(Minimise, SolvesAQuadraticInOneStep) {
  const auto f = quadratic(two(4, 1, 3), {1.25, -7});
  const Minimum m = minimise(f, std::vector<double>{300, 20}, wide);
  EXPECT_TRUE(m.converged);
  EXPECT_EQ(m.iterations, 1);
  EXPECT_NEAR(m.x[0], 1.25, 1e-12);
  EXPECT_NEAR(m.x[1], -7, 1e-12);
  EXPECT_EQ(m.at_bound, (std::vector<bool>{false, false}));
}

TEST(Minimise, FollowsRosenbrocksValleyWithAndWithoutCurvature) {
  for (const Model model : {Model::scoring, Model::lbfgs}) {
    const Minimum m =
        minimise(rosenbrock, std::vector<double>{-1.2, 1}, wide, with(model));
    EXPECT_TRUE(m.converged);
    EXPECT_NEAR(m.x[0], 1, 1e-7);
    EXPECT_NEAR(m.x[1], 1, 1e-7);
    EXPECT_LT(m.iterations, 100);
  }
}

TEST(Minimise, ReadsNoCurvatureInTheQuasiNewtonModel) {
  const Function f = [](std::span<const double> x) {
    return Evaluation{x[0] * x[0] + 3 * x[1] * x[1], {2 * x[0], 6 * x[1]}, {}};
  };
  const Minimum m = minimise(f, std::vector<double>{5, 7}, wide, with(Model::lbfgs));
  EXPECT_TRUE(m.converged);
  EXPECT_NEAR(m.x[0], 0, 1e-7);
}

TEST(Minimise, MeetsABoundExactlyAndSaysSo) {
  // On x <= 0.5 the minimum of Rosenbrock's function is at (0.5, 0.25).
  const std::vector<Bound> box{{-5, 0.5}, {-5, 5}};
  for (const Model model : {Model::scoring, Model::lbfgs}) {
    const Minimum m =
        minimise(rosenbrock, std::vector<double>{-1.2, 1}, box, with(model));
    EXPECT_TRUE(m.converged);
    EXPECT_EQ(m.x[0], 0.5);
    EXPECT_NEAR(m.x[1], 0.25, 1e-8);
    EXPECT_EQ(m.at_bound, (std::vector<bool>{true, false}));
  }
}

TEST(Minimise, MeetsTheBoundOfAQuadraticWithoutCreeping) {
  // min of (x - c)^T h (x - c) / 2 on x0 = 1: x1 = c1 - h01 (1 - c0) / h11.
  const auto f = quadratic(two(2, 1, 1), {3, 0.5});
  const std::vector<Bound> box{{-1, 1}, {-10, 10}};
  const Minimum m = minimise(f, std::vector<double>{0, 0}, box);
  EXPECT_EQ(m.iterations, 1);
  EXPECT_EQ(m.x[0], 1);
  EXPECT_NEAR(m.x[1], 2.5, 1e-12);
}

TEST(Minimise, LeavesABoundThatItStartsOn) {
  const auto f = quadratic(two(2, 0.3, 1), {0.5, 0.5});
  const std::vector<Bound> box{{0, 1}, {0, 1}};
  const Minimum m = minimise(f, std::vector<double>{0, 1}, box);
  EXPECT_NEAR(m.x[0], 0.5, 1e-12);
  EXPECT_NEAR(m.x[1], 0.5, 1e-12);
}

TEST(Minimise, LeavesNullDirectionsAlone) {
  // Only x0 + x1 is seen: from (0, 0) the nearest point with sum 2 is (1, 1).
  const auto f = quadratic(two(1, 1, 1), {2, 0});
  const Minimum m = minimise(f, std::vector<double>{0, 0}, wide);
  EXPECT_TRUE(m.converged);
  EXPECT_NEAR(m.x[0], 1, 1e-9);
  EXPECT_NEAR(m.x[1], 1, 1e-9);
}

TEST(Minimise, PushesAlongANullDirectionWhereABoundStandsInTheWay) {
  // x0 + x1 = 2 with x0 <= 0.25 needs x1 = 1.75.
  const auto f = quadratic(two(1, 1, 1), {2, 0});
  const std::vector<Bound> box{{-1, 0.25}, {-5, 5}};
  const Minimum m = minimise(f, std::vector<double>{0, 0}, box);
  EXPECT_TRUE(m.converged);
  EXPECT_EQ(m.x[0], 0.25);
  EXPECT_NEAR(m.x[1], 1.75, 1e-6);
}

TEST(Minimise, GoesOnWithoutCurvatureThatSeesNothing) {
  const Function f = [](std::span<const double> x) {
    return Evaluation{std::cosh(x[0] - 1), {std::sinh(x[0] - 1)}, Matrix(1, 1)};
  };
  const Minimum m = minimise(f, std::vector<double>{-2}, std::vector<Bound>{{-5, 5}});
  EXPECT_TRUE(m.converged);
  EXPECT_NEAR(m.x[0], 1, 1e-4);
}

TEST(Minimise, HoldsFixedCoordinates) {
  const auto f = quadratic(two(2, 1, 1), {3, 0.5});
  const std::vector<Bound> box{{-10, 10, true}, {-10, 10, false}};
  const Minimum m = minimise(f, std::vector<double>{1, 0}, box);
  EXPECT_EQ(m.x[0], 1);
  EXPECT_NEAR(m.x[1], 2.5, 1e-12);
  EXPECT_EQ(m.at.gradient.size(), 2u);
}

TEST(Minimise, ShortensStepsIntoPlacesWithoutAValue) {
  // -ln x + x from 0.01: the quadratic step of curvature one would pass zero.
  const Function f = [](std::span<const double> x) {
    const double value = x[0] > 0 ? x[0] - std::log(x[0]) : infinity;
    Matrix one(1, 1);
    one(0, 0) = 1e-3;
    return Evaluation{value, {1 - 1 / x[0]}, one};
  };
  const Minimum m = minimise(f, std::vector<double>{3}, std::vector<Bound>{{-10, 10}});
  EXPECT_TRUE(m.converged);
  EXPECT_NEAR(m.x[0], 1, 2e-5);
}

TEST(Minimise, SaysWhereTheStartHasNoValue) {
  const Function f = [](std::span<const double> x) {
    return Evaluation{infinity, {x[0]}, Matrix(1, 1)};
  };
  try {
    minimise(f, std::vector<double>{0.5}, std::vector<Bound>{{0, 1}});
    FAIL() << "no error";
  } catch (const NumericalError& e) {
    EXPECT_NE(std::string(e.what()).find("start x = [0.5]"), std::string::npos);
  }
}

TEST(Minimise, SaysWhereNoStepHasAValue) {
  const Function f = [](std::span<const double> x) {
    Matrix one(1, 1);
    one(0, 0) = 1;
    return Evaluation{x[0] == 0.5 ? 1.0 : infinity, {1.0}, one};
  };
  try {
    minimise(f, std::vector<double>{0.5}, std::vector<Bound>{{0, 1}});
    FAIL() << "no error";
  } catch (const NumericalError& e) {
    EXPECT_NE(std::string(e.what()).find("iteration 0"), std::string::npos);
  }
}

TEST(Minimise, StopsAtTheIterationsAllowed) {
  MinimiseOptions o = with(Model::scoring);
  o.max_iterations = 3;
  const Minimum m = minimise(rosenbrock, std::vector<double>{-1.2, 1}, wide, o);
  EXPECT_FALSE(m.converged);
  EXPECT_EQ(m.iterations, 3);
}

TEST(Minimise, ShowsEveryIteration) {
  MinimiseOptions o;
  std::vector<double> values;
  o.watch = [&](int, double value, double, std::span<const double>) {
    values.push_back(value);
  };
  const auto f = quadratic(two(4, 1, 3), {1, 1});
  minimise(f, std::vector<double>{0, 0}, wide, o);
  ASSERT_EQ(values.size(), 2u);
  EXPECT_EQ(values[0], 4.5);  // (4 + 2 + 3) / 2
  EXPECT_NEAR(values[1], 0, 1e-20);
}

RC_GTEST_PROP(Minimise, FindsTheCentreOfAnyQuadraticInTheBox, ()) {
  const auto number = [] { return *rc::gen::inRange(-1000, 1001) / 1000.0; };
  Matrix a(4, 4);
  for (double& v : a.data) v = number();
  Matrix h = multiply(transpose(a), a);
  std::vector<double> centre, start;
  for (std::size_t i = 0; i < 4; ++i) {
    h(i, i) += 0.01;
    centre.push_back(number());
    start.push_back(number());
  }
  const Minimum m =
      minimise(quadratic(h, centre), start, std::vector<Bound>(4, Bound{-1, 1}));
  RC_ASSERT(m.converged);
  for (std::size_t i = 0; i < 4; ++i) RC_ASSERT(std::abs(m.x[i] - centre[i]) < 1e-6);
}

Constraint line(std::vector<double> a, double target) {
  return {[a](std::span<const double> x) { return dot(a, x); },
          [a](std::span<const double>) { return a; },
          target};
}

TEST(MinimiseOn, SolvesAQuadraticOnALineInOneStep) {
  // Minimum on a.x = t is c + h^-1 a (t - a.c) / (a h^-1 a); h diagonal here.
  const auto f = quadratic(two(2, 0, 4), {1, 1});
  const Minimum m = minimise_on(f, line({1, 2}, 9), std::vector<double>{0, 0}, wide);
  EXPECT_TRUE(m.converged);
  EXPECT_EQ(m.iterations, 1);
  EXPECT_LE(m.evaluations, 3);
  const double response = 1.0 / 2 + 4.0 / 4;
  EXPECT_NEAR(m.x[0], 1 + 0.5 * 6 / response, 1e-10);
  EXPECT_NEAR(m.x[1], 1 + 0.5 * 6 / response, 1e-10);
}

TEST(MinimiseOn, MeetsACircleAndALagrangeCondition) {
  const Constraint circle{
      [](std::span<const double> x) { return x[0] * x[0] + x[1] * x[1]; },
      [](std::span<const double> x) { return std::vector<double>{2 * x[0], 2 * x[1]}; },
      4};
  // Nearest point of the circle of radius 2 to (3, 4) is (1.2, 1.6).
  const auto f = quadratic(two(1, 0, 1), {3, 4});
  const Minimum m =
      minimise_on(f, circle, std::vector<double>{2, 0.1}, wide, with(Model::scoring));
  EXPECT_TRUE(m.converged);
  EXPECT_NEAR(m.x[0], 1.2, 1e-7);
  EXPECT_NEAR(m.x[1], 1.6, 1e-7);
}

TEST(MinimiseOn, StaysInTheBox) {
  // On x0 + x1 = 3 with x1 <= 1: (2, 1).
  const auto f = quadratic(two(1, 0, 1), {0, 0});
  const std::vector<Bound> box{{-5, 5}, {-5, 1}};
  const Minimum m = minimise_on(f, line({1, 1}, 3), std::vector<double>{0, 0}, box);
  EXPECT_TRUE(m.converged);
  EXPECT_NEAR(m.x[0], 2, 1e-9);
  EXPECT_EQ(m.x[1], 1);
}

TEST(MinimiseOn, MovesAlongANullDirectionAtNoCost) {
  // Only x0 + x1 is seen; x0 = 5 costs nothing, x1 makes up for it.
  const auto f = quadratic(two(1, 1, 1), {2, 0});
  const Minimum m = minimise_on(f, line({1, 0}, 5), std::vector<double>{1, 1}, wide);
  EXPECT_TRUE(m.converged);
  EXPECT_NEAR(m.x[0], 5, 1e-8);
  EXPECT_NEAR(m.at.value, 0, 1e-9);
}

TEST(MinimiseOn, DoesNotConvergeWhereTheBoxEndsBeforeTheConstraint) {
  const auto f = quadratic(two(1, 0, 1), {0, 0});
  const std::vector<Bound> box{{-1, 1}, {-1, 1}};
  const Minimum m = minimise_on(f, line({1, 1}, 9), std::vector<double>{0, 0}, box);
  EXPECT_FALSE(m.converged);
}

}  // namespace
}  // namespace femto::stats
