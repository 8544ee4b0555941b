// Belts by toys against the closed form for a Gaussian with a bound.
#include "femto/pipeline/confidence_belt.h"

#include <cmath>

#include <boost/math/distributions/normal.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <gtest/gtest.h>

#include "femto/core/random.h"

using namespace femto;

namespace {

/// (x - mu)^2 / 2, and a second parameter around mu with unit width and correlation: the
/// profile of mu knows nothing of it.
stats::Function gaussian(double x, double z) {
  return [x, z](std::span<const double> t) {
    const double a = t[0] - x, b = t[1] - z - 0.5 * t[0];
    stats::Evaluation e{a * a / 2 + b * b / 2, {a - 0.5 * b, b}, Matrix(2, 2)};
    e.curvature(0, 0) = 1.25;
    e.curvature(0, 1) = e.curvature(1, 0) = -0.5;
    e.curvature(1, 1) = 1;
    return e;
  };
}

ToyFunction toys_at(std::span<const double> truth) {
  return [mu = truth[0]](std::uint64_t k) {
    const auto z = random::normal_pair({7, 8}, k);
    return gaussian(mu + z[0], z[1]);
  };
}

constexpr double far = 40;

/// The data measured x; mu is at least `least`.
Belt belt_of(double x, double least, int toys) {
  IntervalProblem p;
  p.f = gaussian(x, 0.3);
  p.box = {{least, least + 2 * far}, {-far, far}};
  p.theta = {std::max(x, least), 0.3 + 0.5 * std::max(x, least)};
  settle(p);
  return confidence_belt(p, coordinate_quantity("mu", 0, 2), toys_at, {.toys = toys});
}

/// Probability that 2 [f(mu) - min f] of a measurement at mu >= 0 is at most c.
double below(double c, double mu) {
  const boost::math::normal unit;
  const double root = std::sqrt(c);
  // x >= 0: |x - mu| <= root; x < 0, where mu = 0 fits best: mu^2 - 2 x mu <= c
  const double from = root <= mu ? -root : (mu * mu - c) / (2 * mu) - mu;
  return cdf(unit, root) - (mu == 0 ? 0 : cdf(unit, from));
}

double critical(double mu, double level) {
  std::uintmax_t steps = 100;
  const auto found =
      boost::math::tools::toms748_solve([&](double c) { return below(c, mu) - level; },
                                        1e-9,
                                        30.0,
                                        boost::math::tools::eps_tolerance<double>(40),
                                        steps);
  return found.first;
}

double rise(double x, double mu) {
  const double best = std::max(x, 0.0);
  return (x - mu) * (x - mu) - (x - best) * (x - best);
}

/// The upper end at x.
double upper(double x, double level) {
  std::uintmax_t steps = 100;
  const auto found = boost::math::tools::toms748_solve(
      [&](double mu) { return rise(x, mu) - critical(mu, level); },
      std::max(x, 1e-6) + 1e-6,
      10.0,
      boost::math::tools::eps_tolerance<double>(40),
      steps);
  return found.first;
}

}  // namespace

TEST(ConfidenceBelt, TheClosedFormIsThatOfThePublishedTable) {
  // Source: Feldman:1998, table X: x = 0 and -1 at 95 %, and x = 0 at 68.27 %.
  EXPECT_NEAR(upper(0, 0.95), 1.96, 0.005);
  EXPECT_NEAR(upper(-1, 0.95), 1.10, 0.01);
  EXPECT_NEAR(upper(0, 0.6827), 1.00, 0.005);
}

TEST(ConfidenceBelt, HasTheClosedFormsEndsAtABound) {
  for (const double x : {-1.0, 0.0, 0.5, 2.0}) {
    const auto belt = belt_of(x, 0, 4000);
    // an end moves by the error of the critical value over the slope of the rise
    EXPECT_NEAR(belt.level95.hi, upper(x, 0.95), 0.06) << x;
    EXPECT_NEAR(belt.level68.hi, upper(x, level68), 0.05) << x;
    EXPECT_FALSE(belt.level95.hi_open);
    if (x < 1.5) {
      EXPECT_EQ(belt.level95.lo, 0);
      EXPECT_TRUE(belt.level95.lo_open) << x;
    }
    EXPECT_EQ(belt.failed, 0);
  }
}

TEST(ConfidenceBelt, FarFromBoundsIsTheProfileInterval) {
  const auto belt = belt_of(3, -far, 4000);
  EXPECT_NEAR(belt.level68.lo, 2, 0.05);
  EXPECT_NEAR(belt.level68.hi, 4, 0.05);
  EXPECT_NEAR(belt.level95.lo, 3 - 1.96, 0.07);
  EXPECT_NEAR(belt.level95.hi, 3 + 1.96, 0.07);
  for (const auto& p : belt.points) {
    // quantiles of a chi-square with one degree of freedom, 5 standard errors of 4000
    EXPECT_NEAR(p.critical68, 1.0, 5 * 0.031);
    EXPECT_NEAR(p.critical95, 3.84, 5 * 0.118);
  }
}

TEST(ConfidenceBelt, TellsToysThatCannotBeFitted) {
  const auto never = [](std::span<const double>) -> ToyFunction {
    return [](std::uint64_t) -> stats::Function {
      return [](std::span<const double> t) {
        return stats::Evaluation{t[0], {std::nan(""), 0}, Matrix(2, 2)};
      };
    };
  };
  IntervalProblem p;
  p.f = gaussian(1, 0);
  p.box = {{-far, far}, {-far, far}};
  p.theta = {1, 0.5};
  settle(p);
  const auto belt =
      confidence_belt(p, coordinate_quantity("mu", 0, 2), never, {.toys = 3});
  EXPECT_EQ(belt.failed, belt.toys);
}
