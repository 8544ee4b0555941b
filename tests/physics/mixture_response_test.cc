// Mixtures with parameters in closed form against those forms, integrals and differences.
#include "femto/physics/mixture_response.h"

#include <cmath>
#include <numbers>
#include <vector>

#include <boost/math/distributions/normal.hpp>
#include <gtest/gtest.h>

using femto::MixtureResponse;
using femto::ResponseKnots;
using femto::ResponseSpace;

namespace {

constexpr double narrow = 0.03, wide = 0.1;

double cdf(double z) {
  return boost::math::cdf(boost::math::normal(), z);
}

/// Weights, means and widths at a true value t, the coordinate.
double weight(double t) {
  return 1 / (1 + std::exp(-(1 - 2 * t)));
}

double mean(int i, double t) {
  return i == 0 ? t + 0.02 * t * t : t + 0.1 + 0.05 * std::sin(3 * t);
}

double sd(int i, double t) {
  return (i == 0 ? narrow : wide) * std::exp(0.5 * t);
}

double efficiency(double t) {
  return 1 / (1 + std::exp(-(3 * t - 1)));
}

/// Two components on [0.2, 1] of the coordinate, detection on a slope.
MixtureResponse two(ResponseSpace space = ResponseSpace::linear, std::size_t n = 257) {
  const auto value = [&](double t) {
    return space == ResponseSpace::linear ? t : std::exp(t);
  };
  ResponseKnots k{space, value(0.2), value(1), value(0.1), value(1.1), {}, {}, {}, {}};
  k.logit = k.mean = k.log_sd = femto::Matrix(2, n);
  for (std::size_t j = 0; j < n; ++j) {
    const double t = 0.2 + 0.8 * static_cast<double>(j) / static_cast<double>(n - 1);
    k.logit(0, j) = 1 - 2 * t;
    for (int i = 0; i < 2; ++i) {
      k.mean(static_cast<std::size_t>(i), j) = mean(i, t);
      k.log_sd(static_cast<std::size_t>(i), j) = std::log(sd(i, t));
    }
    k.detection.push_back(3 * t - 1);
  }
  return MixtureResponse(k);
}

/// P(y' < y | x) before it is cut off at the ends, all in coordinates.
double below(double y, double t) {
  const double w = weight(t);
  return w * cdf((y - mean(0, t)) / sd(0, t)) +
         (1 - w) * cdf((y - mean(1, t)) / sd(1, t));
}

double exact_cumulative(double y, double t) {
  return (below(y, t) - below(0.1, t)) / (below(1.1, t) - below(0.1, t));
}

}  // namespace

TEST(MixtureResponse, IsTheMixtureBetweenItsKnots) {
  for (const auto space : {ResponseSpace::linear, ResponseSpace::log}) {
    const auto r = two(space);
    const auto value = [&](double t) {
      return space == ResponseSpace::linear ? t : std::exp(t);
    };
    for (const double t : {0.2, 0.31415, 0.5, 0.777, 1.0})
      for (const double y : {0.15, 0.3, 0.5, 0.8, 1.05}) {
        EXPECT_NEAR(r.cumulative(value(y), value(t)), exact_cumulative(y, t), 1e-8);
        // Density as the derivative of the distribution function in closed form.
        constexpr double h = 1e-4;
        const double slope =
            (8 * (exact_cumulative(y + h, t) - exact_cumulative(y - h, t)) -
             (exact_cumulative(y + 2 * h, t) - exact_cumulative(y - 2 * h, t))) /
            (12 * h);
        const double expected =
            efficiency(t) * slope / (space == ResponseSpace::linear ? 1 : value(y));
        EXPECT_NEAR(r.density(value(y), value(t)), expected, 1e-7 * (1 + expected));
        EXPECT_NEAR(r.efficiency(value(t)), efficiency(t), 1e-9);
      }
  }
}

TEST(MixtureResponse, DrawsAreQuantiles) {
  const auto r = two();
  for (const double t : {0.2, 0.5, 0.9, 1.0})
    for (const double u : {1e-12, 1e-4, 0.1, 0.5, 0.73, 0.999, 1 - 1e-9})
      EXPECT_NEAR(
          exact_cumulative(r.measure(t, u).y, t), u, 1e-8 * std::min(u, 1 - u) + 1e-8)
          << t << ' ' << u;
}

TEST(MixtureResponse, SlopesOfDrawsAreFiniteDifferences) {
  for (const auto space : {ResponseSpace::linear, ResponseSpace::log}) {
    const auto r = two(space);
    const double shift = space == ResponseSpace::linear ? 0 : 1;
    for (const double t : {0.3123, 0.5051, 0.9077})
      for (const double u : {1e-5, 0.02, 0.3, 0.5, 0.8, 0.9999}) {
        constexpr double h = 1e-5;
        const double x = t + shift;
        const double slope = (r.measure(x + h, u).y - r.measure(x - h, u).y) / (2 * h);
        EXPECT_NEAR(r.measure(x, u).slope, slope, 2e-6 * (1 + std::fabs(slope)))
            << t << ' ' << u;
      }
  }
}

TEST(MixtureResponse, ReachesAllThatHasADensity) {
  const auto r = two();
  for (double t = 0.2; t <= 1; t += 0.0123)
    for (double y = 0.1; y <= 1.1; y += 0.0071)
      if (r.density(y, t) > 1e-13) {
        EXPECT_TRUE(r.reaches(y, t)) << y << ' ' << t;
      }
  EXPECT_FALSE(r.reaches(1.2, 1));
  EXPECT_EQ(r.density(1.2, 1), 0);
}

TEST(MixtureResponse, KnowsItsNarrowestWidth) {
  const auto r = two();
  // That of the narrow component, of true values from which it is at most four widths
  // away.
  EXPECT_LE(r.narrowest(0.5), sd(0, 0.5));
  EXPECT_GE(r.narrowest(0.5), sd(0, 0.3));
  EXPECT_LE(r.narrowest(1.08), sd(0, 1));
  EXPECT_GE(r.narrowest(1.08), sd(0, 0.8));
}
