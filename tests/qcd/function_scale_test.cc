// Densities that are functions: sum rules, positivity, derivatives, prior.
#include "femto/qcd/function_scale.h"

#include <cmath>

#include <boost/math/quadrature/tanh_sinh.hpp>
#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/core/random.h"
#include "femto/qcd/flavours.h"
#include "femto/qcd/toy_input.h"

namespace femto::qcd {
namespace {

std::vector<std::shared_ptr<const LogFactor>> factors() {
  return {gaussian_process({}), network({})};
}

struct Model {
  XGrid grid{{.nodes = 30, .x_min = 1e-4}};
  FunctionScale scale;
  std::size_t size = flavour_rows * grid.size();

  explicit Model(std::shared_ptr<const LogFactor> factor)
      : scale(grid, les_houches_parameters(), std::move(factor)) {}

  std::vector<double> densities(const std::vector<double>& p) const {
    std::vector<double> out(size);
    scale.densities(p, out);
    return out;
  }

  /// A draw of the prior, parameter by parameter.
  std::vector<double> drawn(std::uint64_t seed) const {
    const auto stream = random::Stream::named(seed, "draw");
    std::vector<double> p;
    for (const auto& prior : scale.prior())
      for (std::size_t k = 0; k < prior.mean.size(); ++k)
        p.push_back(prior.mean[k] + std::sqrt(prior.covariance(k, k)) *
                                        random::normal_pair(stream, p.size())[0]);
    return p;
  }
};

TEST(FunctionScale, IsTheReferenceWhereTheFunctionsVanish) {
  const Model m(gaussian_process({}));
  const auto f = m.densities(std::vector<double>(40, 0.0));
  const auto toy = les_houches_input(m.grid);
  for (std::size_t i = 0; i < f.size(); ++i) EXPECT_NEAR(f[i], toy[i], 2e-7 * toy[i]);
}

/// The toy's densities without amplitudes of valence quarks: u_v, d_v, sea, gluon.
double reference(std::size_t function, double x) {
  const double one = 1 - x, low = std::pow(x, -0.1), sea = 0.1939875;
  switch (function) {
    case 0:
      return std::pow(x, 0.8) * std::pow(one, 3);
    case 1:
      return std::pow(x, 0.8) * std::pow(one, 4);
    case 2:  // both anti-up and up, ...; strange = 0.2 (anti-up + anti-down)
      return 2 * sea * low * 1.2 * std::pow(one, 6) * (2 - x);
    default:
      return 1.7 * low * std::pow(one, 5);
  }
}

/// Each density over reference times exp g is one number; the numbers give the sums.
TEST(FunctionScale, ObeysTheSumRules) {
  boost::math::quadrature::tanh_sinh<double> rule(15);
  for (const auto& factor : factors()) {
    const Model m(factor);
    const auto p = m.drawn(3);
    const auto f = m.densities(p);
    const std::size_t each = factor->size(), n = m.grid.size();
    const auto shape = [&](std::size_t function, double x) {
      double g = 0;
      const double t[] = {logit(x)};
      factor->evaluate(
          std::span(p).subspan(function * each, each), t, std::span(&g, 1), nullptr);
      return reference(function, x) * std::exp(g);
    };
    double momentum = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const auto value = [&](std::size_t j) {
        const auto row = [&](int id) { return f[flavour_row(id) * n + j]; };
        if (k == 0) return row(2) - row(-2);
        if (k == 1) return row(1) - row(-1);
        return k == 2 ? 2 * (row(-2) + row(-1) + row(3)) : row(0);
      };
      const double norm = value(7) / shape(k, m.grid.x()[7]);
      for (std::size_t j = 0; j < n; ++j) {
        EXPECT_NEAR(value(j) / shape(k, m.grid.x()[j]), norm, 1e-6 * norm);
        EXPECT_GT(value(j), 0);
      }
      const auto integral = [&](double power) {
        // The function bends at its nodes: pieces that they bound.
        double sum = 0, below = 0;
        for (double t = logit(0.001); t <= 3; t += (logit(0.95) - logit(0.001)) / 9) {
          const double x = 1 / (1 + std::exp(-t));
          sum += rule.integrate(
              [&](double z) { return std::pow(z, power) * shape(k, z); }, below, x);
          below = x;
        }
        return sum +
               rule.integrate(
                   [&](double z) { return z < 1 ? std::pow(z, power) * shape(k, z) : 0; },
                   below,
                   1.0);
      };
      momentum += norm * integral(0);
      if (k < 2) {
        EXPECT_NEAR(norm * integral(-1), k == 0 ? 2 : 1, 1e-8);
      }
    }
    EXPECT_NEAR(momentum, 1, 1e-7);  // amplitudes above have seven digits
  }
}

TEST(FunctionScale, SlopesAreFiniteDifferences) {
  for (const auto& factor : factors()) {
    const Model m(factor);
    auto p = m.drawn(5);
    std::vector<double> slopes(p.size() * m.size);
    m.scale.jacobian(p, slopes);
    for (std::size_t k = 0; k < p.size(); k += 3) {
      constexpr double h = 1e-5;
      const double here = p[k];
      p[k] = here + h;
      const auto above = m.densities(p);
      p[k] = here - h;
      const auto below = m.densities(p);
      p[k] = here;
      for (std::size_t i = 0; i < m.size; ++i)
        EXPECT_NEAR(slopes[k * m.size + i],
                    (above[i] - below[i]) / (2 * h),
                    1e-7 * (1 + std::abs(slopes[k * m.size + i])))
            << m.scale.parameters()[k].name;
    }
  }
}

/// What no data can say: a constant in one function of a quark that is counted, or in
/// those of sea and gluon together.
TEST(FunctionScale, ConstantsOfTheFunctionsChangeNothing) {
  // Nodes far wider than the grid, so that a constant at the nodes is one between them.
  const Model m(gaussian_process({.nodes = 40, .x_lo = 1e-9, .x_hi = 1 - 1e-6}));
  const auto p = m.drawn(2);
  const auto before = m.densities(p);
  auto moved = p;
  for (std::size_t k = 0; k < 40; ++k)
    moved[k] += 0.1, moved[80 + k] -= 0.2, moved[120 + k] -= 0.2;
  const auto after = m.densities(moved);
  for (std::size_t i = 0; i < before.size(); ++i)
    EXPECT_NEAR(after[i], before[i], 2e-3 * std::abs(before[i]));
}

TEST(LogFactor, TheProcessGoesThroughItsNodesAndItsSlopesAreItsWeights) {
  const auto g = gaussian_process({.nodes = 6, .x_lo = 0.01, .x_hi = 0.9});
  const std::vector<double> p = {0.3, -0.2, 0.5, 0.1, -0.4, 0.2};
  std::vector<double> t, value(6);
  for (int k = 0; k < 6; ++k) t.push_back(std::lerp(logit(0.01), logit(0.9), k / 5.0));
  Matrix slopes;
  g->evaluate(p, t, value, &slopes);
  for (std::size_t k = 0; k < 6; ++k) {
    EXPECT_NEAR(value[k], p[k], 1e-12);
    for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(slopes(k, i), k == i, 1e-12);
  }
  EXPECT_NEAR(g->covariance()(0, 0), 0.25, 1e-15);
  // Far away nothing is left of the values.
  const double far[] = {-60};
  g->evaluate(p, far, std::span(value).first(1), nullptr);
  EXPECT_NEAR(value[0], 0, 1e-12);
}

TEST(LogFactor, DefaultNodesResolveTheProcess) {
  EXPECT_LT(unresolved({}), 0.02);
  EXPECT_GT(unresolved({.nodes = 4}), unresolved({.nodes = 8}));
}

TEST(LogFactor, RefusesSettingsThatMakeNoSense) {
  EXPECT_THROW(gaussian_process({.nodes = 1}), Error);
  EXPECT_THROW(gaussian_process({.x_lo = 0.5, .x_hi = 0.4}), Error);
  EXPECT_THROW(gaussian_process({.size = 0}), Error);
  EXPECT_THROW(network({.units = 0}), Error);
}

}  // namespace
}  // namespace femto::qcd
