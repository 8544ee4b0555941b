// Evolution of generalised parton distributions: conformal moments, limits, structure.
#include "femto/qcd/gpd_evolution.h"

#include <array>
#include <cmath>

#include "gpd_view.h"
#include <Eigen/Dense>
#include <boost/math/quadrature/gauss.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/qcd/evolution.h"
#include "femto/qcd/toy_input.h"

namespace femto::qcd::gpd_moments {
namespace {

GpdEvolutionSettings settings(std::vector<double> xi) {
  return {.xi = std::move(xi),
          .coupling = {.alpha = 0.13, .loops = 1, .flavours = FlavourScheme::fixed(4)},
          .mu2_gev2 = {16, 1e4}};
}

/// Anomalous dimensions [[qq, qg], [gq, gg]] for four flavours, of conformal moments at
/// skewness xi. Source: Belitsky:2000 section 2.
Eigen::Matrix2d gamma(Helicity helicity, int j, double xi) {
  const double n = j + 1;
  double s = 0;
  for (int k = 1; k <= n; ++k) s += 1.0 / k;
  Eigen::Matrix2d g;
  g(0, 0) = 4.0 / 3 * (1.5 + 1 / (n * (n + 1)) - 2 * s);
  if (helicity == Helicity::vector) {
    g(0, 1) = 4 * (n * n + n + 2) / (n * (n + 1) * (n + 2));
    g(1, 0) = 4.0 / 3 * (n * n + n + 2) / ((n - 1) * n * (n + 1));
    g(1, 1) = 6 * (1 / (n * (n - 1)) + 1 / ((n + 1) * (n + 2)) - s + 11.0 / 12) - 4.0 / 3;
  } else {
    g(0, 1) = 4 * (n - 1) / (n * (n + 1));
    g(1, 0) = 4.0 / 3 * (n + 2) / (n * (n + 1));
    g(1, 1) = 6 * (2 / (n * (n + 1)) - s + 11.0 / 12) - 4.0 / 3;
  }
  g(0, 1) *= 3 / (j * xi);
  g(1, 0) *= j * xi / 3;
  return g;
}

/// exp(tau gamma), by scaling and squaring of the series.
Eigen::Matrix2d exponential(const Eigen::Matrix2d& m) {
  Eigen::Matrix2d sum = Eigen::Matrix2d::Identity(), term = sum;
  for (int k = 1; k < 30; ++k) sum += term = term * m / (64 * k);
  for (int k = 0; k < 6; ++k) sum = (sum * sum).eval();
  return sum;
}

double tau_to(const GpdEvolution& e, double mu2) {
  const StrongCoupling c(e.settings().coupling);
  return running_time(c.at(e.settings().start_mu2_gev2), c.at(mu2), 1, 4).tau;
}

TEST(GpdEvolution, ConformalMomentsFollowTheAnomalousDimensions) {
  for (const auto helicity : {Helicity::vector, Helicity::axial}) {
    auto s = settings({0.05, 0.3, 0.7});
    s.helicity = helicity;
    s.nodes = 44;
    const GpdEvolution e(s);
    const auto start = smooth_start(e, helicity), end = evolved(e, start);
    const bool vector = helicity == Helicity::vector;
    for (std::size_t k = 0; k < 3; ++k)
      for (std::size_t scale = 0; scale < 2; ++scale) {
        const auto a = view(e, start, k), b = view(e, end, k, scale);
        const double tau = tau_to(e, s.mu2_gev2[scale]), xi = s.xi[k];
        for (int j = vector ? 1 : 2; j <= 5; j += 2) {
          const auto sum = [](const View& v) {
            return [&v](std::size_t i) { return v.sum(i); };
          };
          const auto gluon = [](const View& v) {
            return [&v](std::size_t i) { return v.gluon(i); };
          };
          const Eigen::Vector2d from(a.moment(j, 1.5, sum(a)),
                                     a.moment(j - 1, 2.5, gluon(a)));
          const Eigen::Vector2d expected =
              exponential(tau * gamma(helicity, j, xi)) * from;
          const double q = b.moment(j, 1.5, sum(b)), g = b.moment(j - 1, 2.5, gluon(b));
          EXPECT_NEAR(q / expected[0], 1, 1e-6) << "xi = " << xi << ", j = " << j;
          EXPECT_NEAR(g / expected[1], 1, 1e-6) << "xi = " << xi << ", j = " << j;
        }
        for (int j = 0; j <= 5; ++j) {
          // Flavour differences: q + qbar where that has the parity of j, else q - qbar.
          const double sign = (j % 2 == 1) == vector ? 1 : -1;
          const auto difference = [&](const View& v) {
            return v.moment(j, 1.5, [&](std::size_t i) {
              return v.pair(2, sign, i) - v.pair(1, sign, i);
            });
          };
          const double expected =
              std::exp(tau * gamma(helicity, std::max(j, 0), xi)(0, 0)) * difference(a);
          EXPECT_NEAR(difference(b) / expected, 1, 1e-6)
              << "xi = " << xi << ", j = " << j;
        }
      }
  }
}

TEST(GpdEvolution, ConservesQuarkNumbersAndMomentumThroughThresholds) {
  auto s = settings({0.05, 0.3, 0.7});
  s.coupling.flavours = FlavourScheme::variable(1.29, 4.18, 173);
  s.mu2_gev2 = {4, 10, 17.5, 100, 1e4, 1e5};
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

TEST(GpdEvolution, BecomesTheEvolutionOfDensitiesWhereXiIsSmall) {
  const auto toy =
      les_houches_evolution(LesHouchesScheme::variable, Order::lo, {16, 100});
  const Evolution densities(toy);
  auto input = les_houches_input(densities.grid());
  for (std::size_t i = 0; i < input.size(); ++i)  // tame at small x
    input[i] *= densities.grid().x()[i % densities.grid().size()];
  std::vector<double> forward(2 * input.size());
  densities.evolve(input, forward);
  const GpdEvolution e({.xi = {1e-4},
                        .nodes = 60,
                        .coupling = toy.coupling,
                        .start_mu2_gev2 = toy.start_mu2_gev2,
                        .mu2_gev2 = toy.mu2_gev2});
  const auto& grid = e.grid(0);
  const auto row = [&](const std::vector<double>& from, std::size_t scale, int id) {
    const std::size_t n = densities.grid().size();
    const auto r =
        std::span(from).subspan((scale * flavour_rows + flavour_row(id)) * n, n);
    return std::vector<double>(r.begin(), r.end());
  };
  std::vector<double> start(flavour_rows * grid.size());
  for (int id = -6; id <= 6; ++id)
    for (std::size_t i = 0; i < grid.size(); ++i) {
      const double x = grid.x()[i];
      const double xf = densities.grid().interpolate(row(input, 0, id), x);
      start[flavour_row(id) * grid.size() + i] = id == 0 ? xf : xf / x;
    }
  const auto end = evolved(e, start);
  for (std::size_t scale = 0; scale < 2; ++scale)
    for (int id = -5; id <= 5; ++id)
      for (std::size_t i = 0; i < grid.size(); ++i) {
        const double x = grid.x()[i];
        if (x < 0.03 || x > 0.7) continue;  // what is left over falls as (xi/x)^2
        // Absolute part: polynomials through values that are 1e3 times larger at xi.
        const double xf = densities.grid().interpolate(row(forward, scale, id), x);
        const double h = end[scale * start.size() + flavour_row(id) * grid.size() + i];
        EXPECT_NEAR(id == 0 ? h : h * x, xf, 2e-5 * std::abs(xf) + 1e-5)
            << "x = " << x << ", flavour " << id << ", scale " << scale;
      }
}

TEST(GpdEvolution, HasTheEigenfunctionsOfExchangeAtXiOne) {
  const GpdEvolution e(settings({1}));
  const auto& grid = e.grid(0);
  for (int j = 0; j <= 7; ++j) {
    std::vector<double> start(flavour_rows * grid.size());
    const double sign = j % 2 == 1 ? 1 : -1;  // -H(-x) in the antiquark's row
    for (std::size_t i = 0; i < grid.size(); ++i) {
      const double x = grid.x()[i], h = (1 - x * x) * gegenbauer(j, 1.5, x);
      for (const int q : {1, 2}) {
        start[flavour_row(q) * grid.size() + i] = q == 1 ? h : -h;
        start[flavour_row(-q) * grid.size() + i] = sign * (q == 1 ? h : -h);
      }
    }
    const auto end = evolved(e, start);
    const double factor = std::exp(tau_to(e, 1e4) * gamma(Helicity::vector, j, 1)(0, 0));
    for (std::size_t i = 0; i < start.size(); ++i)
      EXPECT_NEAR(end[start.size() + i], factor * start[i], 1e-6) << "j = " << j;
  }
}

TEST(GpdEvolution, TendsToTheAsymptoticShapeAtXiOne) {
  auto s = settings({1});
  s.mu2_gev2 = {1e30};
  const GpdEvolution e(s);
  const auto& grid = e.grid(0);
  std::vector<double> start(flavour_rows * grid.size());
  double norm = 0;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const double x = grid.x()[i], h = std::pow(1 - x * x, 3) * (1 + 5 * x * x);
    norm += 2 * grid.weights()[i] * h;
    start[flavour_row(2) * grid.size() + i] = h;
    start[flavour_row(-2) * grid.size() + i] = -h;
  }
  const auto end = evolved(e, start);
  const double left = std::exp(tau_to(e, 1e30) * gamma(Helicity::vector, 2, 1)(0, 0));
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const double x = grid.x()[i];  // 6 u (1 - u) with u = (1 + x)/2, over dx = 2 du
    EXPECT_NEAR(end[flavour_row(2) * grid.size() + i],
                norm * 0.75 * (1 - x * x),
                5 * left * norm);
  }
}

/// Start: a double distribution, whose x-moments are even polynomials in xi.
TEST(GpdEvolution, KeepsMomentsPolynomialInXi) {
  std::vector<double> xi;
  for (double k = 1; k <= 6; ++k) xi.push_back(0.12 * k);
  const GpdEvolution e(settings(xi));
  // H(x, xi) = int db da delta(x - b - a xi) b^2 (1-b)^3 [(1-b)^2 - a^2], b > 0.
  std::vector<double> start;
  const auto h = [](double x, double skewness) {
    const double low = x > skewness ? (x - skewness) / (1 - skewness) : 0,
                 high = (x + skewness) / (1 + skewness);
    if (high <= 0) return 0.0;
    using Gauss = boost::math::quadrature::gauss<double, 30>;
    return Gauss::integrate(
        [&](double b) {
          const double a = (x - b) / skewness, r = 1 - b;
          return b * b * r * r * r * (r * r - a * a) / skewness;
        },
        low,
        high);
  };
  for (std::size_t k = 0; k < xi.size(); ++k)
    for (int id = -6; id <= 6; ++id)
      for (const double x : e.grid(k).x())
        start.push_back(id == 2 ? h(x, xi[k]) : id == -2 ? -h(-x, xi[k]) : 0);
  const auto end = evolved(e, start);
  for (std::size_t scale = 0; scale < 2; ++scale)
    for (int n = 0; n <= 5; ++n) {
      const auto moment = [&](std::size_t k) {
        const auto v = view(e, end, k, scale);
        double sum = 0;
        for (std::size_t i = 0; i < v.grid.size(); ++i)
          sum += v.grid.weights()[i] * std::pow(v.grid.x()[i], n) *
                 v.pair(2, n % 2 == 1 ? 1 : -1, i);
        return sum;
      };
      const int terms = n / 2 + (n % 2) + 1;  // 1, xi^2, ... up to xi^n or xi^(n+1)
      Eigen::MatrixXd powers(6, terms);
      Eigen::VectorXd values(6);
      for (int k = 0; k < 6; ++k) {
        values[k] = moment(static_cast<std::size_t>(k));
        for (int c = 0; c < terms; ++c)
          powers(k, c) = std::pow(xi[static_cast<std::size_t>(k)], 2 * c);
      }
      const Eigen::VectorXd fit = powers.colPivHouseholderQr().solve(values);
      EXPECT_LT((powers * fit - values).norm(), 2e-6 * values.norm()) << "n = " << n;
    }
}

TEST(GpdEvolution, ComposesAndBeginsWithTheInput) {
  auto s = settings({0.05, 0.3, 1});
  s.coupling.flavours = FlavourScheme::variable(1.29, 4.18, 173);
  s.mu2_gev2 = {4, 12, 100};
  const GpdEvolution direct(s);
  const auto start = smooth_start(direct, Helicity::vector), end = evolved(direct, start);
  for (std::size_t i = 0; i < start.size(); ++i) EXPECT_NEAR(end[i], start[i], 1e-14);
  s.start_mu2_gev2 = 12;
  s.mu2_gev2 = {100};
  const GpdEvolution second(s);
  const std::vector<double> between(end.begin() + static_cast<long>(start.size()),
                                    end.begin() + static_cast<long>(2 * start.size()));
  const auto again = evolved(second, between);
  for (std::size_t i = 0; i < start.size(); ++i)
    EXPECT_NEAR(again[i], end[2 * start.size() + i], 1e-10);
}

TEST(GpdEvolution, PullBackIsTheTransposed) {
  for (const auto helicity : {Helicity::vector, Helicity::axial}) {
    auto s = settings({0.1, 0.6});
    s.helicity = helicity;
    s.coupling.flavours = FlavourScheme::variable(1.29, 4.18, 173);
    s.mu2_gev2 = {10, 30};
    const GpdEvolution e(s);
    const auto start = smooth_start(e, helicity), end = evolved(e, start);
    std::vector<double> gradient(end.size()), back(start.size());
    for (std::size_t i = 0; i < end.size(); ++i)
      gradient[i] = std::cos(0.37 * static_cast<double>(i));
    e.pull_back(gradient, back);
    double forward = 0, backward = 0, scale = 0;
    for (std::size_t i = 0; i < end.size(); ++i) {
      forward += gradient[i] * end[i];
      scale += std::abs(gradient[i] * end[i]);
    }
    for (std::size_t i = 0; i < start.size(); ++i) backward += back[i] * start[i];
    EXPECT_NEAR(forward, backward, 1e-13 * scale);
  }
}

TEST(GpdEvolution, IsTheSameForAnyNumberOfThreadsAndFromDisk) {
  const auto folder = std::filesystem::temp_directory_path() /
                      ("femto-gpd-evolution-test-" + std::to_string(::getpid()));
  const auto s = settings({0.1, 0.3, 0.6});
  const auto run = [&](int threads, const std::filesystem::path& cache) {
    set_threads(threads);
    const GpdEvolution e(s, cache);
    return evolved(e, smooth_start(e, Helicity::vector));
  };
  const auto one = run(1, {}), three = run(3, folder), read = run(2, folder);
  set_threads(0);
  EXPECT_EQ(one, three);
  EXPECT_EQ(one, read);
  std::filesystem::remove_all(folder);
}

TEST(GpdEvolution, RefusesWhatHasNoAnswer) {
  EXPECT_THROW(GpdEvolution(settings({})), Error);
  EXPECT_THROW(GpdEvolution(settings({0.3, 0})), Error);
  auto s = settings({0.3});
  s.coupling.flavours = FlavourScheme::variable(1.29, 4.18, 173);
  const GpdEvolution e(s);
  std::vector<double> start(flavour_rows * s.nodes), out(2 * start.size());
  start[flavour_row(5) * s.nodes] = 1;
  EXPECT_THROW(e.evolve(start, out), Error);
}

}  // namespace
}  // namespace femto::qcd::gpd_moments
