// The Goloskokov-Kroll model: sum rules, limits, and double distributions integrated
// another way.
#include "femto/qcd/gpd_model.h"

#include <cmath>
#include <vector>

#include <boost/math/quadrature/tanh_sinh.hpp>
#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/qcd/flavours.h"

namespace femto::qcd {
namespace {

using Part = GoloskokovKroll::Part;

template <class F>
double integral(const F& f, double a, double b) {
  boost::math::quadrature::tanh_sinh<double> rule;
  return rule.integrate(f, a, b, 1e-10);
}

TEST(GoloskokovKroll, HoldsTwoUpAndOneDownQuarkAndAllMomentum) {
  const GoloskokovKroll model;
  const auto number = [&](Part part) {
    return integral([&](double b) { return model.density(part, b); }, 0, 1);
  };
  const auto momentum = [&](Part part) {
    return integral([&](double b) { return b * model.density(part, b); }, 0, 1);
  };
  // The published fit keeps its rules to about a percent, the momentum to some percent.
  EXPECT_NEAR(number(Part::up_valence), 2, 0.02);
  EXPECT_NEAR(number(Part::down_valence), 1, 0.01);
  const double sea = momentum(Part::strange) * (2 + 4 * model.sea_ratio());
  const double all = momentum(Part::up_valence) + momentum(Part::down_valence) + sea +
                     momentum(Part::gluon);
  EXPECT_NEAR(all, 1, 0.05);
}

TEST(GoloskokovKroll, BecomesDensitiesWhereXiIsSmall) {
  const GoloskokovKroll model;
  for (const Part part : {Part::up_valence, Part::down_valence, Part::strange})
    for (const double x : {0.1, 0.3, 0.7})
      EXPECT_NEAR(model.at(part, x, 1e-3) / model.density(part, x), 1, 1e-3);
  EXPECT_NEAR(model.at(Part::gluon, 0.3, 1e-3) / (0.3 * model.density(Part::gluon, 0.3)),
              1,
              1e-3);
  EXPECT_EQ(model.at(Part::up_valence, -0.3, 0.1), 0);
}

/// Second way: int dbeta over the double distribution with its definition spelled out.
TEST(GoloskokovKroll, IsTheIntegralOfItsDoubleDistribution) {
  const GoloskokovKroll model;
  const auto direct = [&](Part part, int n, double x, double xi) {
    const auto one = [&](double beta) {
      const double b = std::abs(beta), alpha = (x - beta) / xi;
      if (b >= 1 || std::abs(alpha) >= 1 - b) return 0.0;
      const double norm = n == 1 ? 0.75 : 15.0 / 16;
      const double profile = norm * std::pow((1 - b) * (1 - b) - alpha * alpha, n) /
                             std::pow(1 - b, 2 * n + 1);
      double h = model.density(part, b);
      if (part == Part::gluon) h *= b;
      if (part == Part::strange && beta < 0) h = -h;
      return h * profile / xi;
    };
    const double low = (x - xi) / (1 - xi), high = (x + xi) / (1 + xi);
    if (n == 1) return integral(one, std::max(0.0, low), high);
    if (low >= 0) return integral(one, low, high);
    // Pair +beta with -beta first: each alone has no integral.
    const double left = (xi - x) / (1 + xi);
    return integral([&](double b) { return one(b) + one(-b); }, 1e-12, left) +
           integral(one, left, high);
  };
  for (const double xi : {0.1, 0.5})
    for (const double x : {0.03, 0.2, 0.45, 0.8}) {
      for (const auto part : {Part::up_valence, Part::down_valence})
        EXPECT_NEAR(model.at(part, x, xi) / direct(part, 1, x, xi), 1, 1e-6);
      for (const auto part : {Part::strange, Part::gluon})
        EXPECT_NEAR(model.at(part, x, xi) / direct(part, 2, x, xi), 1, 1e-5);
    }
  EXPECT_NEAR(
      model.at(Part::up_valence, -0.2, 0.5) / direct(Part::up_valence, 1, -0.2, 0.5),
      1,
      1e-6);
}

TEST(GoloskokovKroll, KeepsTheQuarkNumberAtEverySkewness) {
  const GoloskokovKroll model(4, -0.2);
  std::vector<double> numbers;
  for (const double xi : {0.1, 0.4, 0.8}) {
    const GpdGrid grid(xi, 40);
    std::vector<double> rows(flavour_rows * grid.size());
    model.fill(grid, rows);
    double sum = 0;
    for (std::size_t i = 0; i < grid.size(); ++i)
      sum += grid.weights()[i] * (rows[flavour_row(2) * grid.size() + i] -
                                  rows[flavour_row(-2) * grid.size() + i]);
    numbers.push_back(sum);
  }
  // The form factor of the model's double distribution: exp(alpha' ln(1/beta) t) / 2.
  const double expected = integral(
      [&](double b) {
        return model.density(Part::up_valence, b) * std::pow(b, 0.9 * 0.2);
      },
      0,
      1);
  for (const double n : numbers) EXPECT_NEAR(n / expected, 1, 1e-4);
}

TEST(GoloskokovKroll, RefusesWhatItDoesNotDescribe) {
  EXPECT_THROW(GoloskokovKroll(0.1), Error);
  EXPECT_THROW(GoloskokovKroll(4, 0.1), Error);
}

}  // namespace
}  // namespace femto::qcd
