// Chains against distributions whose moments are known.
#include "femto/stats/hmc.h"

#include <cmath>
#include <limits>
#include <numbers>

#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/stats/convergence.h"
#include "femto/stats/linear.h"
#include "femto/stats/summary.h"

namespace femto::stats {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// -x^T h x / 2.
LogDensity normal(const Matrix& h) {
  return [h](std::span<const double> x, std::span<double> gradient) {
    const auto hx = multiply(h, x);
    for (std::size_t i = 0; i < x.size(); ++i) gradient[i] = -hx[i];
    return -0.5 * dot(x, hx);
  };
}

/// Orthogonal by Householder, eigenvalues from 1 to `condition`, evenly spaced in ln.
Matrix rotated(std::size_t n, double condition) {
  std::vector<double> v(n);
  double length = 0;
  for (std::size_t i = 0; i < n; ++i) v[i] = 1 + std::sin(3.0 * static_cast<double>(i));
  for (const double x : v) length += x * x;
  Matrix q = identity(n);
  add_outer(q, -2 / length, v);
  Matrix d(n, n);
  for (std::size_t i = 0; i < n; ++i)
    d(i, i) = std::pow(condition, static_cast<double>(i) / static_cast<double>(n - 1));
  return multiply(multiply(q, d), transpose(q));
}

std::vector<std::vector<double>> starts(std::size_t chains, std::size_t n) {
  std::vector<std::vector<double>> out(chains, std::vector<double>(n));
  for (std::size_t c = 0; c < chains; ++c)
    for (std::size_t i = 0; i < n; ++i)
      out[c][i] = random::normal_pair({99, 1}, c * 100 + i)[0];
  return out;
}

/// A function of the draws along every chain.
template <class F>
Chains along(const std::vector<Chain>& chains, F f) {
  Chains out;
  for (const auto& c : chains) {
    out.emplace_back();
    for (const auto& x : c.draws) out.back().push_back(f(x));
  }
  return out;
}

/// The mean of f is `expected` within four standard errors, and the chains agree.
template <class F>
void expect_mean(const std::vector<Chain>& chains, double expected, F f) {
  const Chains values = along(chains, f);
  std::vector<double> all;
  for (const auto& c : values) all.insert(all.end(), c.begin(), c.end());
  const double error = standard_deviation(all) / std::sqrt(ess_mean(values));
  EXPECT_NEAR(mean(all), expected, 4 * error);
  EXPECT_LT(split_rhat(values), 1.02);
}

TEST(Hmc, FindsMeanAndCovarianceOfAStretchedNormal) {
  const std::size_t n = 6;
  const Matrix h = rotated(n, 1e4), covariance = *cholesky_inverse(h);
  for (const MassMatrix shape : {MassMatrix::dense, MassMatrix::diagonal}) {
    HmcOptions options;
    options.mass_matrix = shape;
    options.warmup = options.draws = 600;
    const auto chains = sample(normal(h), starts(4, n), options);
    for (std::size_t i = 0; i < n; ++i) {
      expect_mean(chains, 0, [&](const auto& x) { return x[i]; });
      for (std::size_t j = 0; j <= i; ++j)
        expect_mean(chains, covariance(i, j), [&](const auto& x) { return x[i] * x[j]; });
    }
    for (const auto& c : chains) EXPECT_EQ(c.divergences, 0);
  }
}

TEST(Hmc, ADenseMetricIsWorthManyDiagonalSteps) {
  const auto cost = [](MassMatrix shape) {
    HmcOptions options;
    options.mass_matrix = shape;
    options.warmup = 500;
    options.draws = 100;
    return sample(normal(rotated(6, 1e4)), starts(1, 6), options)[0].evaluations;
  };
  EXPECT_LT(3 * cost(MassMatrix::dense), cost(MassMatrix::diagonal));
}

TEST(Hmc, AFirstGuessOfTheCovarianceServesWithoutWarmUpWindows) {
  const Matrix h = rotated(6, 1e4);
  HmcOptions options;
  options.covariance = *cholesky_inverse(h);
  options.warmup = 15;  // only the step is learnt
  options.draws = 500;
  const auto chains = sample(normal(h), starts(2, 6), options);
  EXPECT_EQ(chains[0].covariance, options.covariance);
  for (std::size_t i = 0; i < 6; ++i)
    expect_mean(chains, 0, [&](const auto& x) { return x[i]; });
}

/// x ~ N(0, 1), y ~ N(x^2, 1/4): a banana.
double banana(std::span<const double> q, std::span<double> gradient) {
  const double d = q[1] - q[0] * q[0];
  gradient[0] = -q[0] + 8 * d * q[0];
  gradient[1] = -4 * d;
  return -0.5 * q[0] * q[0] - 2 * d * d;
}

TEST(Hmc, FollowsABanana) {
  HmcOptions options;
  options.acceptance = 0.9;
  options.draws = 2000;
  const auto chains = sample(banana, starts(4, 2), options);
  expect_mean(chains, 0, [](const auto& q) { return q[0]; });
  expect_mean(chains, 1, [](const auto& q) { return q[0] * q[0]; });
  expect_mean(chains, 1, [](const auto& q) { return q[1]; });            // E x^2
  expect_mean(chains, 3.25, [](const auto& q) { return q[1] * q[1]; });  // E x^4 + 1/4
  expect_mean(chains, 3, [](const auto& q) { return q[0] * q[0] * q[1]; });
}

TEST(Hmc, CountsDivergencesInAFunnel) {
  // v ~ N(0, 3), nine x ~ N(0, exp(v/2)): no one step suits both ends. Neal:2003.
  const LogDensity funnel = [](std::span<const double> q, std::span<double> gradient) {
    double value = -q[0] * q[0] / 18;
    gradient[0] = -q[0] / 9;
    const double precision = std::exp(-q[0]);
    for (std::size_t i = 1; i < q.size(); ++i) {
      value -= 0.5 * q[i] * q[i] * precision + q[0] / 2;
      gradient[0] += 0.5 * q[i] * q[i] * precision - 0.5;
      gradient[i] = -q[i] * precision;
    }
    return value;
  };
  HmcOptions options;
  const auto chains = sample(funnel, starts(4, 10), options);
  int divergences = 0;
  for (const auto& c : chains) divergences += c.divergences;
  EXPECT_GT(divergences, 0);
}

TEST(Hmc, AcceptsAtLeastAsOftenAsItWasAsked) {
  // The average of ln step that warm-up settles on lies below the step with exactly this
  // acceptance, so steps err on the accurate side.
  double before = infinity;
  for (const double wanted : {0.6, 0.8, 0.95}) {
    HmcOptions options;
    options.acceptance = wanted;
    const auto chain = sample(normal(rotated(10, 10)), starts(1, 10), options)[0];
    EXPECT_GT(chain.acceptance, wanted - 0.05);
    EXPECT_LT(chain.step, before);
    before = chain.step;
  }
}

TEST(Hmc, DoesNotDependOnThreadsNorOnOtherChains) {
  HmcOptions options;
  options.warmup = options.draws = 100;
  const auto some = starts(3, 2);
  const auto many = sample(banana, some, options);
  set_threads(1);
  const auto one = sample(banana, some, options);
  set_threads(0);
  const auto first = sample(banana, {some[0]}, options);
  for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(many[c].draws, one[c].draws);
  EXPECT_EQ(first[0].draws, many[0].draws);
  EXPECT_NE(many[0].draws, many[1].draws);
}

TEST(Hmc, SomeOfTheChainsAreThoseOfAll) {
  HmcOptions options;
  options.warmup = 50;
  options.draws = 30;
  const auto target = normal(rotated(4, 10));
  const auto at = starts(4, 4);
  const auto all = sample(target, at, options);
  options.first = 1;
  options.stride = 2;
  const auto odd = sample(target, {at[1], at[3]}, options);
  EXPECT_EQ(odd[0].draws, all[1].draws);
  EXPECT_EQ(odd[1].draws, all[3].draws);
}

TEST(Hmc, RefusesAStartWithoutDensity) {
  const LogDensity nowhere = [](std::span<const double>, std::span<double>) {
    return -infinity;
  };
  EXPECT_THROW(sample(nowhere, {{0.0}}, {}), NumericalError);
}

TEST(Hmc, StaysWhereTheDensityIsNotZero) {
  // exp(-x) for x > 0: mean 1, second moment 2; the wall rejects.
  const LogDensity half = [](std::span<const double> x, std::span<double> gradient) {
    gradient[0] = -1;
    return x[0] > 0 ? -x[0] : -infinity;
  };
  HmcOptions options;
  options.draws = 4000;
  const auto chains = sample(half, {{0.5}, {1.0}, {2.0}, {3.0}}, options);
  for (const auto& c : chains)
    for (const auto& x : c.draws) ASSERT_GT(x[0], 0);
  expect_mean(chains, 1, [](const auto& x) { return x[0]; });
}

TEST(Hmc, WindowsOfWarmUpDouble) {
  const auto w = warmup_windows(1000);
  EXPECT_EQ(w.begin, 75);
  EXPECT_EQ(w.ends, (std::vector<int>{100, 150, 250, 450, 950}));
  EXPECT_EQ(warmup_windows(100).ends, (std::vector<int>{90}));
  EXPECT_TRUE(warmup_windows(10).ends.empty());
  EXPECT_TRUE(warmup_windows(0).ends.empty());
}

}  // namespace
}  // namespace femto::stats
