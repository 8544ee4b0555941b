// Kernels of generalised parton distributions against analytic anomalous dimensions.
#include "femto/qcd/gpd_kernels.h"

#include <cmath>

#include <boost/math/special_functions/gegenbauer.hpp>
#include <gtest/gtest.h>

#include "femto/core/error.h"

namespace femto::qcd {
namespace {

double sum_of_inverses(int n) {
  double sum = 0;
  for (int k = 1; k <= n; ++k) sum += 1.0 / k;
  return sum;
}

struct Gammas {
  double qq, qg, gq, gg;
};

/// d moment/d ln mu2 in units of alpha_s/(2 pi). Source: Belitsky:2000 section 2.
Gammas gammas(Helicity helicity, int j, int flavours) {
  const double n = j + 1, s = sum_of_inverses(j + 1), f = flavours;
  Gammas g{4.0 / 3 * (1.5 + 1 / (n * (n + 1)) - 2 * s), 0, 0, 0};
  if (helicity == Helicity::vector) {
    g.qg = f * (n * n + n + 2) / (n * (n + 1) * (n + 2));
    g.gq = 4.0 / 3 * (n * n + n + 2) / ((n - 1) * n * (n + 1));
    g.gg = 6 * (1 / (n * (n - 1)) + 1 / ((n + 1) * (n + 2)) - s + 11.0 / 12) - f / 3;
  } else {
    g.qg = f * (n - 1) / (n * (n + 1));
    g.gq = 4.0 / 3 * (n + 2) / (n * (n + 1));
    g.gg = 6 * (2 / (n * (n + 1)) - s + 11.0 / 12) - f / 3;
  }
  return g;
}

double gegenbauer(int n, double lambda, double x) {
  return boost::math::gegenbauer(static_cast<unsigned>(n), lambda, x);
}

/// int_0^1 C_n^lambda(x/xi) f(x) dx
double moment(const GpdGrid& grid, int n, double lambda, const std::vector<double>& f) {
  double sum = 0;
  for (std::size_t i = 0; i < f.size(); ++i)
    sum += grid.weights()[i] * gegenbauer(n, lambda, grid.x()[i] / grid.xi()) * f[i];
  return sum;
}

std::vector<double> times(const Family& family, Part part, const std::vector<double>& f) {
  std::vector<double> out(f.size());
  for (std::size_t j = 0; j < f.size(); ++j)
    for (std::size_t i = 0; i < f.size(); ++i)
      out[i] += family[part][j * f.size() + i] * f[j];
  return out;
}

/// x^power (1 - x^2)^3, odd or even as `power` is.
std::vector<double> sample(const GpdGrid& grid, int power) {
  std::vector<double> f;
  for (const double x : grid.x())
    f.push_back(std::pow(x, power) * std::pow(1 - x * x, 3));
  return f;
}

// Forty nodes; what remains falls as nodes^-8 or faster.
constexpr double tolerance = 1e-6;

TEST(GpdKernels, NonSingletMomentsHaveTheAnomalousDimensions) {
  for (const double xi : {0.05, 0.3, 0.7, 1.0})
    for (const auto helicity : {Helicity::vector, Helicity::axial}) {
      const GpdGrid grid(xi, 40);
      const auto k = GpdKernels::build(grid, helicity).family(4);
      for (int j = 0; j <= 5; ++j) {
        const bool odd = j % 2 == 1, vector = helicity == Helicity::vector;
        const auto f = sample(grid, odd ? 1 : 2);
        const auto df = times(k, odd == vector ? Part::plus : Part::minus, f);
        const double m = moment(grid, j, 1.5, f), dm = moment(grid, j, 1.5, df);
        double size = 0;
        for (std::size_t i = 0; i < f.size(); ++i)
          size +=
              grid.weights()[i] * std::abs(gegenbauer(j, 1.5, grid.x()[i] / xi) * f[i]);
        EXPECT_NEAR(dm, gammas(helicity, j, 4).qq * m, tolerance * size)
            << "xi = " << xi << ", j = " << j;
      }
    }
}

TEST(GpdKernels, SingletMomentsMixAsTheyMust) {
  for (const double xi : {0.05, 0.3, 0.7})
    for (const auto helicity : {Helicity::vector, Helicity::axial})
      for (const int flavours : {3, 4}) {
        const GpdGrid grid(xi, 40);
        const auto k = GpdKernels::build(grid, helicity).family(flavours);
        const bool vector = helicity == Helicity::vector;
        const auto q = sample(grid, vector ? 1 : 2), g = sample(grid, vector ? 2 : 1);
        for (int j = vector ? 1 : 2; j <= 5; j += 2) {
          const auto gamma = gammas(helicity, j, flavours);
          const double mq = moment(grid, j, 1.5, q), mg = moment(grid, j - 1, 2.5, g);
          const double qq = moment(grid, j, 1.5, times(k, Part::qq, q));
          const double qg = moment(grid, j, 1.5, times(k, Part::qg, g));
          const double gq = moment(grid, j - 1, 2.5, times(k, Part::gq, q));
          const double gg = moment(grid, j - 1, 2.5, times(k, Part::gg, g));
          EXPECT_NEAR(qq / (gamma.qq * mq), 1, tolerance) << xi << " " << j;
          EXPECT_NEAR(qg / (3 / (j * xi) * gamma.qg * mg), 1, tolerance)
              << xi << " " << j;
          EXPECT_NEAR(gq / (j * xi / 3 * gamma.gq * mq), 1, tolerance) << xi << " " << j;
          EXPECT_NEAR(gg / (gamma.gg * mg), 1, tolerance) << xi << " " << j;
        }
      }
}

TEST(GpdKernels, RefinementConverges) {
  const auto error = [](std::size_t nodes) {
    const GpdGrid grid(0.3, nodes);
    const auto k = GpdKernels::build(grid, Helicity::vector).family(4);
    const auto f = sample(grid, 1);
    return std::abs(moment(grid, 3, 1.5, times(k, Part::plus, f)) /
                        (gammas(Helicity::vector, 3, 4).qq * moment(grid, 3, 1.5, f)) -
                    1);
  };
  EXPECT_LT(error(40), 0.1 * error(20));
  EXPECT_LT(error(60), 1e-8);
}

TEST(GpdGrid, IntegratesAndInterpolatesOnBothSidesOfXi) {
  for (const double xi : {1e-4, 0.05, 0.5, 0.95, 1.0}) {
    const GpdGrid grid(xi, 30);
    // Bends at xi: x^2 below, xi^2 + (x - xi)^(3/2) above, which is smooth in t.
    const auto f = [&](double x) {
      return x < xi ? x * x : xi * xi + std::pow(x - xi, 1.5);
    };
    double integral = 0;
    std::vector<double> values, weight(grid.size());
    for (std::size_t i = 0; i < grid.size(); ++i) {
      values.push_back(f(grid.x()[i]));
      integral += grid.weights()[i] * values[i];
    }
    EXPECT_NEAR(integral,
                xi * xi * xi / 3 + xi * xi * (1 - xi) + std::pow(1 - xi, 2.5) / 2.5,
                1e-7)
        << xi;
    for (const double x : {0.0, 0.3 * xi, xi, 0.5 * (1 + xi), 0.9 + 0.1 * xi, 1.0}) {
      grid.interpolation(x, weight);
      double value = 0;
      for (std::size_t i = 0; i < grid.size(); ++i) value += weight[i] * values[i];
      EXPECT_NEAR(value, f(x), 1e-5) << xi << " " << x;
    }
  }
}

TEST(GpdGrid, RefusesWhatItCannotHold) {
  EXPECT_THROW(GpdGrid(0, 30), Error);
  EXPECT_THROW(GpdGrid(1.1, 30), Error);
  EXPECT_THROW(GpdGrid(0.3, 4), Error);
  EXPECT_THROW(GpdGrid(0.3, 1000), Error);
}

}  // namespace
}  // namespace femto::qcd
