// Intervals against closed forms: Gaussian, exponential, boxes and null directions.
#include "femto/pipeline/intervals.h"

#include <cmath>

#include <gtest/gtest.h>

#include "femto/pipeline/modes.h"
#include "femto/stats/distributions.h"

namespace femto {
namespace {

constexpr double z95 = 1.9599639845400545;

/// 1/2 (theta - mean)^T A (theta - mean).
IntervalProblem quadratic(Matrix a, std::vector<double> mean, stats::Bound box) {
  IntervalProblem p;
  p.theta = mean;
  p.box.assign(mean.size(), box);
  p.f = [a, mean](std::span<const double> theta) {
    stats::Evaluation e;
    e.gradient.assign(mean.size(), 0.0);
    e.curvature = a;
    for (std::size_t i = 0; i < mean.size(); ++i)
      for (std::size_t j = 0; j < mean.size(); ++j) {
        e.gradient[i] += a(i, j) * (theta[j] - mean[j]);
        e.value += 0.5 * (theta[i] - mean[i]) * a(i, j) * (theta[j] - mean[j]);
      }
    return e;
  };
  settle(p);
  return p;
}

Matrix two_by_two(double a, double b, double c) {
  Matrix m(2, 2);
  m(0, 0) = a;
  m(0, 1) = m(1, 0) = b;
  m(1, 1) = c;
  return m;
}

/// -ln L of n exponential lifetimes with this mean: n (ln tau + mean / tau).
IntervalProblem exponential(double n, double mean, double lo, double hi) {
  IntervalProblem p;
  p.theta = {mean};
  p.box = {{lo, hi, false}};
  p.f = [n, mean](std::span<const double> theta) {
    const double tau = theta[0];
    stats::Evaluation e;
    e.value = n * (std::log(tau) + mean / tau);
    e.gradient = {n * (1 / tau - mean / (tau * tau))};
    e.curvature = Matrix(1, 1);
    e.curvature(0, 0) = n / (tau * tau);
    return e;
  };
  settle(p);
  return p;
}

/// Root of 2 [f(tau) - f(mean)] = rise by bisection.
double exponential_end(double n, double mean, double rise, double inner, double outer) {
  const auto excess = [&](double tau) {
    return 2 * n * (std::log(tau / mean) + mean / tau - 1) - rise;
  };
  for (int i = 0; i < 200; ++i) {
    const double mid = (inner + outer) / 2;
    (excess(mid) < 0 ? inner : outer) = mid;
  }
  return inner;
}

TEST(Intervals, OfAGaussianAreItsStandardDeviations) {
  // Covariance of A = [[4, 1], [1, 2]] is [[2, -1], [-1, 4]] / 7.
  const auto p = quadratic(two_by_two(4, 1, 2), {1, -2}, {-100, 100, false});
  const auto f = fisher(p);
  EXPECT_TRUE(f.observed);
  const double sd[2] = {std::sqrt(2.0 / 7), std::sqrt(4.0 / 7)};
  for (const std::size_t i : {0u, 1u}) {
    const auto q = coordinate_quantity("x", i, 2);
    const auto from_curvature = fisher_interval(f, q, p.theta);
    const auto from_profile = profile(p, q);
    EXPECT_NEAR(*from_curvature.sd, sd[i], 1e-7);
    for (const auto& quoted : {from_curvature, from_profile.quoted}) {
      EXPECT_NEAR(quoted.level95->lo, p.theta[i] - z95 * sd[i], 2e-4 * sd[i]);
      EXPECT_NEAR(quoted.level95->hi, p.theta[i] + z95 * sd[i], 2e-4 * sd[i]);
      EXPECT_NEAR(*quoted.sd, sd[i], 2e-4 * sd[i]);
    }
    EXPECT_TRUE(from_profile.converged);
    EXPECT_LT(asymmetry(p, f, q), 1e-6);
  }
}

TEST(Intervals, OfASumFollowItsCovariance) {
  const auto p = quadratic(two_by_two(4, 1, 2), {1, -2}, {-100, 100, false});
  const Quantity sum{"sum",
                     [](std::span<const double> t) { return t[0] + t[1]; },
                     [](std::span<const double>) { return std::vector<double>{1, 1}; }};
  EXPECT_NEAR(*profile(p, sum).quoted.sd, std::sqrt(4.0 / 7), 2e-4);
}

TEST(Intervals, OfAnExponentialAreAsymmetric) {
  const auto p = exponential(10, 2, 0.01, 50);
  const auto q = coordinate_quantity("tau", 0, 1);
  const auto made = profile(p, q);
  EXPECT_TRUE(made.converged);
  const double sd = 2 / std::sqrt(10.0);
  const double q68 = stats::chi_square_quantile(0.6827, 1);
  EXPECT_NEAR(made.quoted.level68->lo, exponential_end(10, 2, q68, 2, 0.1), 1e-3 * sd);
  EXPECT_NEAR(made.quoted.level68->hi, exponential_end(10, 2, q68, 2, 50), 1e-3 * sd);
  EXPECT_NEAR(
      made.quoted.level95->lo, exponential_end(10, 2, z95 * z95, 2, 0.1), 1e-3 * sd);
  EXPECT_NEAR(
      made.quoted.level95->hi, exponential_end(10, 2, z95 * z95, 2, 50), 1e-3 * sd);
  EXPECT_NEAR(
      *made.quoted.sd, (made.quoted.level68->hi - made.quoted.level68->lo) / 2, 1e-12);
  EXPECT_GT(asymmetry(p, fisher(p), q), visible_asymmetry);
}

TEST(Intervals, OfManyExponentialsAreNearlySymmetric) {
  const auto p = exponential(1e5, 2, 0.01, 50);
  EXPECT_LT(asymmetry(p, fisher(p), coordinate_quantity("tau", 0, 1)), visible_asymmetry);
}

TEST(Intervals, DoNotDependOnTheParametrisation) {
  const auto p = exponential(10, 2, 0.01, 50);
  const Quantity rate{
      "rate",
      [](std::span<const double> t) { return 1 / t[0]; },
      [](std::span<const double> t) { return std::vector<double>{-1 / (t[0] * t[0])}; }};
  const auto tau = profile(p, coordinate_quantity("tau", 0, 1)).quoted;
  const auto inverse = profile(p, rate).quoted;
  EXPECT_NEAR(inverse.level95->lo, 1 / tau.level95->hi, 1e-4);
  EXPECT_NEAR(inverse.level95->hi, 1 / tau.level95->lo, 1e-3);
}

TEST(Intervals, EndOpenAtTheBox) {
  const auto p = exponential(10, 2, 1.9, 3);
  const auto made = profile(p, coordinate_quantity("tau", 0, 1));
  EXPECT_TRUE(made.quoted.level68->lo_open);
  EXPECT_TRUE(made.quoted.level95->lo_open);
  EXPECT_DOUBLE_EQ(made.quoted.level95->lo, 1.9);
  EXPECT_FALSE(made.quoted.level68->hi_open);
  EXPECT_TRUE(made.quoted.level95->hi_open);
}

TEST(Intervals, ANuisanceAtItsBoxIsHeldThere) {
  // Correlation -0.9: the profile of x alone wants y far out; the box stops it at 0.5.
  const auto p = quadratic(two_by_two(1, 0.9, 1), {0, 0}, {-10, 10, false});
  auto boxed = p;
  boxed.box[1] = {-0.5, 0.5, false};
  const auto made = profile(boxed, coordinate_quantity("x", 0, 2));
  // With y = -0.5: x^2 - 0.9 x + 0.25 = z95^2.
  const double expected = 0.45 + std::sqrt(0.45 * 0.45 - 0.25 + z95 * z95);
  EXPECT_NEAR(made.quoted.level95->hi, expected, 1e-3);
  EXPECT_NEAR(made.quoted.level95->lo, -expected, 1e-3);
}

TEST(Intervals, IgnoreNullDirections) {
  // f depends on x - y only, with curvature 9.
  const auto p = quadratic(two_by_two(9, -9, 9), {1, 2}, {-50, 50, false});
  const Quantity difference{
      "difference",
      [](std::span<const double> t) { return t[1] - t[0]; },
      [](std::span<const double>) { return std::vector<double>{-1, 1}; }};
  const auto f = fisher(p);
  EXPECT_EQ(f.spectrum.rank, 1u);
  EXPECT_FALSE(fisher_interval(f, coordinate_quantity("x", 0, 2), p.theta).sd);
  EXPECT_NEAR(*fisher_interval(f, difference, p.theta).sd, 1.0 / 3, 1e-8);
  EXPECT_NEAR(*profile(p, difference).quoted.sd, 1.0 / 3, 1e-4);
}

TEST(Intervals, CheckEndsOfACheapFunctionOnTheExactOne) {
  auto p = exponential(10, 2, 0.01, 50);
  const auto rough = exponential(9, 2.1, 0.01, 50);  // wrong by 10 %
  p.quick = rough.f;
  settle(p);
  const auto made = profile(p, coordinate_quantity("tau", 0, 1));
  const double sd = 2 / std::sqrt(10.0);
  EXPECT_NEAR(
      made.quoted.level95->hi, exponential_end(10, 2, z95 * z95, 2, 50), 5e-3 * sd);
  EXPECT_NEAR(
      made.quoted.level95->lo, exponential_end(10, 2, z95 * z95, 2, 0.1), 5e-3 * sd);
}

TEST(Intervals, NoticeALowerMinimum) {
  // A double well: x^4 / 4 - 2 x^2 + x / 2; the well near 2 is the higher one.
  IntervalProblem p;
  p.box = {{-5, 5, false}};
  p.f = [](std::span<const double> t) {
    const double x = t[0];
    stats::Evaluation e;
    e.value = x * x * x * x / 4 - 2 * x * x + x / 2;
    e.gradient = {x * x * x - 4 * x + 0.5};
    e.curvature = Matrix(1, 1);
    e.curvature(0, 0) = 8;
    return e;
  };
  p.theta = {stats::minimise(p.f, std::vector<double>{2.0}, p.box).x};
  settle(p);
  EXPECT_NEAR(p.theta[0], 1.93, 0.01);
  const auto q = coordinate_quantity("x", 0, 1);
  ProfilePoint point;
  for (const double rise : {1.0, 4.0, 9.0, 16.0}) {
    point = profile_point(p.f, q, p.theta, p.box, p.f_min, rise, Side::low);
    if (point.lower > 0) break;
  }
  EXPECT_GT(point.lower, 0);
}

/// -ln of two normal densities at -3 and 3, the second lower by `rise` / 2.
IntervalProblem two_modes(double rise) {
  IntervalProblem p;
  p.box = {{-20, 20, false}};
  p.theta = {-3};
  p.f = [rise](std::span<const double> t) {
    const double x = t[0];
    const double a = std::exp(-(x + 3) * (x + 3) / 2);
    const double b = std::exp(-(x - 3) * (x - 3) / 2 - rise / 2);
    stats::Evaluation e;
    e.value = -std::log(a + b);
    e.gradient = {(a * (x + 3) + b * (x - 3)) / (a + b)};
    e.curvature = Matrix(1, 1);
    e.curvature(0, 0) = 1;
    return e;
  };
  settle(p);
  return p;
}

Quoted around_modes(double rise, std::size_t expected_modes) {
  auto p = two_modes(rise);
  const std::vector<Quantity> q{coordinate_quantity("x", 0, 1)};
  EXPECT_FALSE(find_modes(p, fisher(p), q, 1));
  EXPECT_EQ(p.modes.size(), expected_modes);
  return profile(p, q[0]).quoted;
}

// The modes overlap by exp(-18), so each has the interval of a normal density.
TEST(Intervals, ReachAroundAMinimumThatIsNotExcluded) {
  const auto quoted = around_modes(1.5, 1);
  EXPECT_NEAR(quoted.level68->hi, -2, 1e-3);  // excluded at 68 %
  EXPECT_NEAR(quoted.level95->lo, -3 - z95, 1e-3);
  EXPECT_NEAR(quoted.level95->hi, 3 + z95, 1e-3);
}

TEST(Intervals, LeaveOutAMinimumThatIsExcluded) {
  EXPECT_NEAR(around_modes(5, 0).level95->hi, -3 + z95, 1e-3);
}

}  // namespace
}  // namespace femto
