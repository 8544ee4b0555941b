// Evolution of generalised parton distributions at next-to-leading order: moments,
// limits, structure.
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include "gpd_view.h"
#include <Eigen/Dense>
#include <gtest/gtest.h>
#include <unistd.h>

#include "femto/core/error.h"
#include "femto/qcd/evolution.h"
#include "femto/qcd/gpd_evolution.h"
#include "femto/qcd/toy_input.h"

namespace femto::qcd::gpd_moments {
namespace {

GpdEvolutionSettings settings(std::vector<double> xi) {
  return {.order = Order::nlo,
          .xi = std::move(xi),
          .coupling = {.alpha = 0.13, .loops = 2, .flavours = FlavourScheme::fixed(4)},
          .mu2_gev2 = {16, 1e4}};
}

/// Solves d m/d ln mu2 = (a g0 + a^2 g1) m from mu2 = 4 GeV2 by small Runge-Kutta steps.
Eigen::VectorXd solve(const Eigen::MatrixXd& g0,
                      const Eigen::MatrixXd& g1,
                      Eigen::VectorXd m,
                      const StrongCoupling& coupling,
                      double mu2) {
  constexpr int steps = 150;
  const double from = std::log(4.0), h = (std::log(mu2) - from) / steps;
  const auto slope = [&](double l, const Eigen::VectorXd& at) -> Eigen::VectorXd {
    const double a = coupling.at(std::exp(l)) / (2 * 3.141592653589793);
    return a * (g0 * at) + a * a * (g1 * at);
  };
  for (int i = 0; i < steps; ++i) {
    const double l = from + i * h;
    const Eigen::VectorXd k1 = slope(l, m), k2 = slope(l + h / 2, m + h / 2 * k1);
    const Eigen::VectorXd k3 = slope(l + h / 2, m + h / 2 * k2);
    const Eigen::VectorXd k4 = slope(l + h, m + h * k3);
    m += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
  }
  return m;
}

/// Moments first, first + 2, ... <= 5 of quarks, then of gluons, with their generators.
struct Ladder {
  Helicity helicity;
  double xi;
  int first;

  Eigen::Index size() const { return (5 - first) / 2 + 1; }

  Eigen::MatrixXd generator(int loops, bool gluons) const {
    const Eigen::Index n = size();
    Eigen::MatrixXd g = Eigen::MatrixXd::Zero((gluons ? 2 : 1) * n, (gluons ? 2 : 1) * n);
    for (Eigen::Index a = 0; a < n; ++a)
      for (Eigen::Index b = 0; b <= a; ++b) {
        const int j = first + 2 * static_cast<int>(a),
                  k = first + 2 * static_cast<int>(b);
        if (loops == 1 && j != k) continue;
        Gammas e =
            loops == 1 ? one_loop(helicity, j, 4) : two_loop(helicity, j, k, 4, xi);
        if (loops == 1) e.qg /= xi, e.gq *= xi;
        g(a, b) = gluons ? e.qq : e.ns;
        if (!gluons) continue;
        g(a, n + b) = e.qg, g(n + a, b) = e.gq, g(n + a, n + b) = e.gg;
      }
    return g;
  }

  template <class Quarks>
  Eigen::VectorXd moments(const View& v, bool gluons, const Quarks& quarks) const {
    const Eigen::Index n = size();
    Eigen::VectorXd m((gluons ? 2 : 1) * n);
    for (Eigen::Index a = 0; a < n; ++a) {
      const int j = first + 2 * static_cast<int>(a);
      m[a] = v.moment(j, 1.5, quarks);
      if (gluons)
        m[n + a] =
            j == 0 ? 0 : v.moment(j - 1, 2.5, [&](std::size_t i) { return v.gluon(i); });
    }
    return m;
  }
};

TEST(GpdEvolutionNlo, ConformalMomentsFollowTheTriangularEquations) {
  for (const auto helicity : {Helicity::vector, Helicity::axial}) {
    auto s = settings({0.05, 0.3, 0.7});
    s.helicity = helicity;
    s.nodes = 60;
    const GpdEvolution e(s);
    const StrongCoupling coupling(s.coupling);
    const auto start = smooth_start(e, helicity), end = evolved(e, start);
    const bool vector = helicity == Helicity::vector;
    for (std::size_t k = 0; k < 3; ++k)
      for (const int first : {0, 1}) {
        const Ladder ladder{helicity, s.xi[k], first};
        const double sign = (first == 1) == vector ? 1 : -1;  // q + qbar or q - qbar
        for (const bool gluons : {false, true}) {
          if (gluons && sign < 0) continue;
          const auto g0 = ladder.generator(1, gluons), g1 = ladder.generator(2, gluons);
          for (std::size_t scale = 0; scale < 2; ++scale) {
            const auto of = [&](const View& v) {
              return ladder.moments(v, gluons, [&](std::size_t i) {
                return gluons ? v.sum(i) : v.pair(2, sign, i) - v.pair(1, sign, i);
              });
            };
            const auto m = of(view(e, end, k, scale));
            const auto expected =
                solve(g0, g1, of(view(e, start, k)), coupling, s.mu2_gev2[scale]);
            for (Eigen::Index a = 0; a < m.size(); ++a)
              EXPECT_NEAR(m[a], expected[a], 1e-6 * std::abs(expected[a]))
                  << "xi = " << s.xi[k] << ", first = " << first << ", entry " << a
                  << (gluons ? ", with gluons" : "") << (vector ? "" : ", axial")
                  << ", scale " << scale;
          }
        }
      }
  }
}

TEST(GpdEvolutionNlo, ConservesQuarkNumbersAndMomentumThroughThresholds) {
  auto s = settings({0.05, 0.3, 0.7});
  s.coupling.flavours = FlavourScheme::variable(1.29, 4.18, 173);
  s.mu2_gev2 = {10, 100, 1e5};
  s.nodes = 36;
  const GpdEvolution e(s);
  const auto start = smooth_start(e, Helicity::vector), end = evolved(e, start);
  for (std::size_t k = 0; k < 3; ++k)
    for (std::size_t scale = 0; scale < e.scales(); ++scale) {
      const auto a = view(e, start, k), b = view(e, end, k, scale);
      const auto momentum = [](const View& v) {
        return v.moment(1, 1.5, [&](std::size_t i) { return v.sum(i); }) / 3 *
                   v.grid.xi() +
               v.moment(0, 2.5, [&](std::size_t i) { return v.gluon(i); });
      };
      const auto number = [](const View& v) {
        return v.moment(0, 1.5, [&](std::size_t i) { return v.pair(2, -1, i); });
      };
      EXPECT_NEAR(momentum(b) / momentum(a), 1, 1e-6);
      EXPECT_NEAR(number(b) / number(a), 1, 1e-6);
    }
}

TEST(GpdEvolutionNlo, BecomesTheEvolutionOfDensitiesWhereXiIsSmall) {
  const auto toy =
      les_houches_evolution(LesHouchesScheme::variable, Order::nlo, {16, 100});
  const Evolution densities(toy);
  const std::size_t n = densities.grid().size();
  auto input = les_houches_input(densities.grid());
  for (std::size_t i = 0; i < input.size(); ++i)  // tame at small x
    input[i] *= densities.grid().x()[i % n];
  std::vector<double> forward(2 * input.size());
  densities.evolve(input, forward);
  const GpdEvolution e({.order = Order::nlo,
                        .xi = {1e-4},
                        .nodes = 90,
                        .coupling = toy.coupling,
                        .start_mu2_gev2 = toy.start_mu2_gev2,
                        .mu2_gev2 = toy.mu2_gev2});
  const auto& grid = e.grid(0);
  const auto at =
      [&](const std::vector<double>& from, std::size_t scale, int id, double x) {
        const auto row =
            std::span(from).subspan((scale * flavour_rows + flavour_row(id)) * n, n);
        return densities.grid().interpolate(row, x);
      };
  std::vector<double> start(flavour_rows * grid.size());
  for (int id = -6; id <= 6; ++id)
    for (std::size_t i = 0; i < grid.size(); ++i) {
      const double x = grid.x()[i], xf = at(input, 0, id, x);
      start[flavour_row(id) * grid.size() + i] = id == 0 ? xf : xf / x;
    }
  const auto end = evolved(e, start);
  for (std::size_t scale = 0; scale < 2; ++scale)
    for (int id = -5; id <= 5; ++id)
      for (std::size_t i = 0; i < grid.size(); ++i) {
        const double x = grid.x()[i];
        if (x < 0.03 || x > 0.7) continue;  // what is left over falls as (xi/x)^2
        const double xf = at(forward, scale, id, x);
        const double h = end[scale * start.size() + flavour_row(id) * grid.size() + i];
        EXPECT_NEAR(id == 0 ? h : h * x, xf, 2e-5 * std::abs(xf) + 1e-5)
            << "x = " << x << ", flavour " << id << ", scale " << scale;
      }
}

TEST(GpdEvolutionNlo, ComposesAndPullsBack) {
  for (const auto helicity : {Helicity::vector, Helicity::axial}) {
    auto s = settings({0.1, 1});
    s.helicity = helicity;
    s.coupling.flavours = FlavourScheme::variable(1.29, 4.18, 173);
    s.mu2_gev2 = {12, 100};
    const GpdEvolution direct(s);
    const auto start = smooth_start(direct, helicity), end = evolved(direct, start);
    s.start_mu2_gev2 = 12;
    s.mu2_gev2 = {100};
    const GpdEvolution second(s);
    const auto half = static_cast<long>(start.size());
    const auto again = evolved(second, {end.begin(), end.begin() + half});
    for (std::size_t i = 0; i < start.size(); ++i)
      EXPECT_NEAR(again[i], end[start.size() + i], 2e-7);
    std::vector<double> gradient(end.size()), back(start.size());
    for (std::size_t i = 0; i < end.size(); ++i)
      gradient[i] = std::cos(0.37 * static_cast<double>(i));
    direct.pull_back(gradient, back);
    double forward = 0, backward = 0, scale = 0;
    for (std::size_t i = 0; i < end.size(); ++i) {
      forward += gradient[i] * end[i];
      scale += std::abs(gradient[i] * end[i]);
    }
    for (std::size_t i = 0; i < start.size(); ++i) backward += back[i] * start[i];
    EXPECT_NEAR(forward, backward, 1e-13 * scale);
  }
}

TEST(GpdEvolutionNlo, IsKeptApartFromLeadingOrderOnDisk) {
  const auto folder = std::filesystem::temp_directory_path() /
                      ("femto-gpd-nlo-test-" + std::to_string(::getpid()));
  auto s = settings({0.3});
  s.nodes = 60;
  const auto run = [&](Order order, const std::filesystem::path& cache) {
    s.order = order;
    const GpdEvolution e(s, cache);
    return evolved(e, smooth_start(e, Helicity::vector));
  };
  const auto fresh = run(Order::nlo, {}), lo = run(Order::lo, folder);
  const auto built = run(Order::nlo, folder), read = run(Order::nlo, folder);
  EXPECT_NE(lo, fresh);
  EXPECT_EQ(built, fresh);
  EXPECT_EQ(read, fresh);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace femto::qcd::gpd_moments
