// The running coupling against tables, an independent integration and its own definition.
#include "femto/qcd/coupling.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "tests/qcd/reference_table.h"
#include <gtest/gtest.h>

#include "femto/core/error.h"

namespace femto::qcd {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

TEST(StrongCoupling, ReproducesTheTable) {
  const testing::ReferenceTable table("alpha_s.csv");
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const auto from = static_cast<int>(table.at(r, "flavours_in"));
    const auto to = static_cast<int>(table.at(r, "flavours_out"));
    // With 3 flavours at the input the charm threshold lies a hair above it.
    const double charm = from == 3 ? std::sqrt(2.0) * (1 + 1e-14) : 1;
    const StrongCoupling coupling(
        {.alpha = 0.35,
         .mu2_gev2 = 2,
         .loops = static_cast<int>(table.at(r, "loops")),
         .flavours = from == to ? FlavourScheme::fixed(from)
                                : FlavourScheme::variable(charm, 4.5, never)});
    EXPECT_NEAR(coupling.at(table.at(r, "mu2")),
                table.at(r, "alpha_s"),
                1.01 * table.half_digits[r].back())
        << "row " << r;
  }
}

/// The differential equation in 100,000 steps of Runge-Kutta, in extended precision.
double integrate(double alpha, double log_range, int loops, int flavours) {
  const long double n = flavours, pi4 = 4 * std::numbers::pi_v<long double>;
  const long double beta[] = {
      11 - 2 * n / 3,
      loops > 1 ? 102 - 38 * n / 3 : 0,
      loops > 2 ? 2857.0L / 2 - 5033 * n / 18 + 325 * n * n / 54 : 0};
  const auto slope = [&](long double a) {
    return -a * a * (beta[0] + a * (beta[1] + a * beta[2]));
  };
  const int steps = 100'000;
  const long double h = static_cast<long double>(log_range) / steps;
  long double a = alpha / pi4;
  for (int i = 0; i < steps; ++i) {
    const long double k1 = slope(a), k2 = slope(a + h / 2 * k1),
                      k3 = slope(a + h / 2 * k2), k4 = slope(a + h * k3);
    a += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
  }
  return static_cast<double>(a * pi4);
}

TEST(StrongCoupling, SolvesItsEquation) {
  for (int loops = 1; loops <= 3; ++loops)
    for (int flavours = 3; flavours <= 6; ++flavours)
      for (const double mu2 : {0.9, 1.5, 2.0, 30.0, 1e4, 1e8}) {
        const StrongCoupling coupling({.alpha = 0.35,
                                       .mu2_gev2 = 2,
                                       .loops = loops,
                                       .flavours = FlavourScheme::fixed(flavours)});
        const double exact = integrate(0.35, std::log(mu2 / 2), loops, flavours);
        EXPECT_NEAR(coupling.at(mu2), exact, 1e-12 * exact)
            << loops << " loops, " << flavours << " flavours, mu2 " << mu2;
      }
}

TEST(StrongCoupling, CrossesThresholds) {
  const auto scheme = FlavourScheme::variable(1.4, 4.5, 173);
  for (int loops = 1; loops <= 3; ++loops) {
    const StrongCoupling coupling({.loops = loops, .flavours = scheme});
    for (int h = 4; h <= 6; ++h) {
      const double below = coupling.at(scheme.threshold(h), h - 1);
      const double above = coupling.at(scheme.threshold(h), h);
      const double a = below / std::numbers::pi;
      const double jump = loops == 3 ? 7.0 / 24 * a * a : 0;
      EXPECT_NEAR(above / below, 1 + jump, 1e-14) << loops << " loops, flavour " << h;
    }
    // From M_Z down to 1 GeV2 and back.
    const StrongCoupling back(
        {.alpha = coupling.at(1), .mu2_gev2 = 1, .loops = loops, .flavours = scheme});
    EXPECT_NEAR(back.at(91.1876 * 91.1876), 0.118, 1e-13);
  }
}

TEST(StrongCoupling, RefusesWhatHasNoAnswer) {
  const StrongCoupling coupling({});
  EXPECT_THROW(coupling.at(1e-4), NumericalError);
  EXPECT_THROW(coupling.at(-1), Error);
  EXPECT_THROW(coupling.at(10, 4), Error);
  EXPECT_THROW(StrongCoupling({.alpha = 0}), Error);
  EXPECT_THROW(StrongCoupling({.loops = 4}), Error);
  EXPECT_THROW(FlavourScheme::fixed(7), Error);
  EXPECT_THROW(FlavourScheme::variable(4.5, 1.4, 173), Error);
}

TEST(RunningTime, IntegratesTheCoupling) {
  // Simpson's rule in ln mu2 over values of the coupling itself.
  const StrongCoupling coupling(
      {.alpha = 0.35, .mu2_gev2 = 2, .loops = 2, .flavours = FlavourScheme::fixed(4)});
  const int steps = 2000;
  const double range = std::log(50.0 / 2), h = range / steps;
  double tau = 0, first = 0, moment = 0;
  std::vector<double> a;
  for (int i = 0; i <= steps; ++i)
    a.push_back(coupling.at(2 * std::exp(h * i)) / (2 * std::numbers::pi));
  for (int i = 0; i + 2 <= steps; i += 2) {
    const double end = tau + h / 3 * (a[i] + 4 * a[i + 1] + a[i + 2]);
    // tau at the midpoint from the cubic through the values
    const double middle = tau + h / 12 * (5 * a[i] + 8 * a[i + 1] - a[i + 2]);
    first += h / 3 * (a[i] * a[i] + 4 * a[i + 1] * a[i + 1] + a[i + 2] * a[i + 2]);
    moment += h / 3 *
              (tau * a[i] * a[i] + 4 * middle * a[i + 1] * a[i + 1] +
               end * a[i + 2] * a[i + 2]);
    tau = end;
  }
  const auto time = running_time(0.35, coupling.at(50), 2, 4);
  EXPECT_NEAR(time.tau, tau, 1e-11);
  EXPECT_NEAR(time.first, first, 1e-12);
  EXPECT_NEAR(time.skew, 0.5 * (tau * first - 2 * moment), 1e-12);
}

}  // namespace
}  // namespace femto::qcd
