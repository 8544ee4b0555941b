// Posteriors whose form is known: normal, truncated, and with a gauge.
#include "femto/pipeline/posterior.h"

#include <cmath>

#include "tests/support/fits.h"
#include "tests/support/tasks.h"
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <gtest/gtest.h>

#include "femto/core/threads.h"
#include "femto/pipeline/gauge.h"
#include "femto/pipeline/problem.h"
#include "femto/pipeline/quote.h"
#include "femto/stats/convergence.h"
#include "femto/stats/summary.h"

namespace femto {
namespace {

using testing::build;
using testing::Workshop;

const auto unwatched = [](const stats::HmcProgress&) {};

std::vector<double> pooled(const std::vector<std::vector<double>>& chains) {
  std::vector<double> out;
  for (const auto& c : chains) out.insert(out.end(), c.begin(), c.end());
  return out;
}

ParameterSetup setup_of(std::vector<Parameter> parameters) {
  ParameterSetup s{std::move(parameters), {}};
  s.fixed.assign(s.parameters.size(), false);
  return s;
}

TEST(Posterior, OfSixGaussianExperimentsIsTheClosedForm) {
  // H = sum_k c_k c_k^T / v_k: sd 0.118868 / sqrt(n) and 0.378124 / sqrt(n), correlation
  // 0.427504, worked out by hand for these six experiments.
  Workshop w(build<Theory>("gaussian_experiments"));
  constexpr std::size_t n = 2000;
  w.take(w.drawn({2, 1}, n, 3));
  const auto solver = build<Solver>("{type: fisher_scoring}");
  SilentMonitor monitor;
  const auto task = w.task();
  const Fit fit = solver->solve(task, monitor);
  const auto problem = problem_of(task, fit.theta);
  IntervalSettings settings;
  settings.chains = 2;
  settings.warmup = 100;  // the first metric is already right
  settings.draws = 400;
  settings.acceptance = 0.8;
  const auto posterior = sample_posterior(problem, w.setup, settings, 1, unwatched);
  EXPECT_TRUE(posterior.held.empty());
  EXPECT_EQ(posterior.divergences, 0);
  const auto quantities = quantities_of(*w.theory);
  const double sd[] = {0.118868 / std::sqrt(n), 0.378124 / std::sqrt(n)};
  std::vector<std::vector<double>> all;
  for (std::size_t j = 0; j < 2; ++j) {
    const auto chains = along_chains(posterior, quantities[j]);
    const double ess = stats::ess_bulk(chains);
    const auto q = posterior_interval(chains, fit.theta[j]);
    EXPECT_LT(stats::split_rhat(chains), 1.02);
    EXPECT_NEAR(stats::mean(pooled(chains)), fit.theta[j], 4 * sd[j] / std::sqrt(ess));
    EXPECT_NEAR(*q.sd / sd[j], 1, 4 / std::sqrt(2 * stats::ess_tail(chains)));
    // A quantile at p has standard error sqrt(p (1 - p) / ess) / density.
    EXPECT_NEAR(q.level95->lo,
                fit.theta[j] - 1.959964 * sd[j],
                4 * sd[j] * std::sqrt(0.025 * 0.975 / stats::ess_tail(chains)) / 0.0584);
    all.push_back(pooled(chains));
  }
  double product = 0;
  for (std::size_t i = 0; i < all[0].size(); ++i)
    product += (all[0][i] - fit.theta[0]) * (all[1][i] - fit.theta[1]) /
               (sd[0] * sd[1] * static_cast<double>(all[0].size()));
  EXPECT_NEAR(product, 0.427504, 4 * 1.1 / std::sqrt(400.0));
}

/// (theta - 1)^2 / (2 sd^2) in [0, 1.2]: cut off on one side.
IntervalProblem truncated(double sd) {
  IntervalProblem p;
  p.theta = {1};
  p.box = {{0, 1.2, false}};
  p.f = [sd](std::span<const double> t) {
    const double d = (t[0] - 1) / sd;
    stats::Evaluation e{d * d / 2, {d / sd}, Matrix(1, 1)};
    e.curvature(0, 0) = 1 / (sd * sd);
    return e;
  };
  settle(p);
  return p;
}

TEST(Posterior, OfATruncatedNormalIsThatOfQuadrature) {
  const double sd = 0.3;
  const auto density = [sd](double t) {
    return std::exp(-std::pow((t - 1) / sd, 2) / 2);
  };
  using Rule = boost::math::quadrature::gauss_kronrod<double, 61>;
  const double norm = Rule::integrate(density, 0, 1.2);
  const auto moment = [&](int k) {
    return Rule::integrate(
               [&](double t) { return std::pow(t, k) * density(t); }, 0, 1.2) /
           norm;
  };
  IntervalSettings settings;
  settings.draws = 2000;
  const auto setup = setup_of({{"t", 0, 1.2, 0.5, "1", ""}});
  const auto posterior = sample_posterior(truncated(sd), setup, settings, 1, unwatched);
  const auto chains = along_chains(posterior, coordinate_quantity("t", 0, 1));
  const double spread = std::sqrt(moment(2) - moment(1) * moment(1));
  const double ess = stats::ess_mean(chains);
  EXPECT_NEAR(stats::mean(pooled(chains)), moment(1), 4 * spread / std::sqrt(ess));
  const auto q = posterior_interval(chains, 1);
  EXPECT_NEAR(*q.sd, spread, 4 * spread / std::sqrt(2 * ess));
  // The share of the quadrature below the quoted ends.
  for (const auto& [end, share] :
       {std::pair{q.level95->lo, 0.025}, {q.level95->hi, 0.975}})
    EXPECT_NEAR(Rule::integrate(density, 0, end) / norm,
                share,
                4 * std::sqrt(share * (1 - share) / stats::ess_tail(chains)));
}

/// Only a / b is known: (a - 2 b)^2 over a standard deviation of 0.1.
IntervalProblem gauge(std::vector<double> at) {
  IntervalProblem p;
  p.theta = std::move(at);
  p.box = {{0, 3, false}, {0, 3, false}};
  p.f = [](std::span<const double> t) {
    const double d = (t[0] / t[1] - 2) / 0.1;
    const double ga = 10 / t[1], gb = -10 * t[0] / (t[1] * t[1]);
    stats::Evaluation e{d * d / 2, {d * ga, d * gb}, Matrix(2, 2)};
    e.curvature.data = {ga * ga, ga * gb, ga * gb, gb * gb};
    return e;
  };
  settle(p);
  return p;
}

TEST(Posterior, HoldsAGaugeAtTheStartAndSaysSo) {
  auto setup = setup_of({{"a", 0, 3, 1.5, "1", ""}, {"b", 0, 3, 1, "1", ""}});
  const auto posterior = sample_posterior(gauge({2.4, 1.2}), setup, {}, 1, unwatched);
  ASSERT_EQ(posterior.held.size(), 1u);
  EXPECT_EQ(posterior.held[0], (std::pair<std::size_t, double>{0, 1.5}));
  EXPECT_NE(posterior.notes[0].find("with a at 1.5 held"), std::string::npos);
  // b = 1.5 / ratio with a flat prior of b: the ratio has density r^-2 exp(...).
  std::vector<double> ratios;
  for (const auto& chain : posterior.theta)
    for (const auto& t : chain) {
      ASSERT_EQ(t[0], 1.5);
      ratios.push_back(t[0] / t[1]);
    }
  using Rule = boost::math::quadrature::gauss_kronrod<double, 61>;
  const auto weight = [](double r) {
    return std::exp(-50 * (r - 2) * (r - 2)) / (r * r);
  };
  const double mean = Rule::integrate([&](double r) { return r * weight(r); }, 1, 3) /
                      Rule::integrate(weight, 1, 3);
  EXPECT_NEAR(stats::mean(ratios), mean, 4 * 0.1 / std::sqrt(1000.0));
}

TEST(Posterior, HoldsAGaugeAtTheStartWhereTheBoxThenExcludesTheEstimate) {
  // a = 2 b with a held at 2.4 would need b = 1.2, above its box: the ratio is above 2.4.
  auto setup = setup_of({{"a", 0, 3, 2.4, "1", ""}, {"b", 0, 1, 0.5, "1", ""}});
  auto problem = gauge({1.2, 0.6});
  problem.box[1].hi = 1;
  settle(problem);
  IntervalSettings settings;
  settings.draws = 2000;
  const auto posterior = sample_posterior(problem, setup, settings, 1, unwatched);
  EXPECT_EQ(posterior.held[0], (std::pair<std::size_t, double>{0, 2.4}));
  EXPECT_NE(posterior.notes[0].find("does not reach the estimate"), std::string::npos);
  // b is flat below 1: density exp(-(2.4 / b - 2)^2 / 0.02).
  using Rule = boost::math::quadrature::gauss_kronrod<double, 61>;
  const auto weight = [](double b) { return std::exp(-50 * std::pow(2.4 / b - 2, 2)); };
  const auto moment = [&](int k) {
    return Rule::integrate([&](double b) { return std::pow(b, k) * weight(b); }, 0.5, 1);
  };
  const double mean = moment(1) / moment(0);
  const double spread = std::sqrt(moment(2) / moment(0) - mean * mean);
  const auto chains = along_chains(posterior, coordinate_quantity("b", 1, 2));
  EXPECT_NEAR(
      stats::mean(pooled(chains)), mean, 4 * spread / std::sqrt(stats::ess_mean(chains)));
}

TEST(Posterior, GaugeParametersRemoveEveryNullDirection) {
  // Null: a + b, and c alone; d is known.
  Matrix information(4, 4);
  information(0, 0) = information(1, 1) = 1;
  information(0, 1) = information(1, 0) = -1;
  information(3, 3) = 5;
  const auto setup = setup_of({{"a", 0, 1, 0, "1", ""},
                               {"b", 0, 1, 0, "1", ""},
                               {"c", 0, 1, 0, "1", ""},
                               {"d", 0, 1, 0, "1", ""}});
  const auto held = gauge_parameters(spectrum(information, setup.fixed), setup);
  EXPECT_EQ(held, (std::vector<std::size_t>{0, 2}));
}

TEST(Posterior, RunsOnTheExactFunctionWhereTheQuickOneDiffers) {
  const auto setup = setup_of({{"t", 0, 1.2, 0.5, "1", ""}});
  const auto exact = sample_posterior(truncated(0.3), setup, {}, 1, unwatched);
  for (const double other : {0.3003, 0.4}) {
    auto p = truncated(0.3);
    p.quick = truncated(other).f;
    settle(p);
    const auto posterior = sample_posterior(p, setup, {}, 1, unwatched);
    EXPECT_EQ(posterior.quick_spread > 0, other == 0.3003);
    EXPECT_EQ(posterior.theta == exact.theta, other == 0.4);
  }
}

TEST(Posterior, DoesNotDependOnThreads) {
  const auto setup = setup_of({{"t", 0, 1.2, 0.5, "1", ""}});
  IntervalSettings settings;
  settings.warmup = settings.draws = 100;
  const auto many = sample_posterior(truncated(0.1), setup, settings, 5, unwatched);
  set_threads(1);
  const auto one = sample_posterior(truncated(0.1), setup, settings, 5, unwatched);
  set_threads(0);
  EXPECT_EQ(many.theta, one.theta);
}

TEST(Posterior, WarnsInWords) {
  Posterior p;
  p.theta = {{{0.0}}};
  EXPECT_TRUE(warnings_of(p, {{"a", 0, 0, 1.001, 900, 800}}).empty());
  p.divergences = 3;
  p.bfmi = 0.1;
  const auto warnings =
      warnings_of(p, {{"a", 0, 0, 1.05, 900, 800}, {"b", 0, 0, 1, 900, 90}});
  ASSERT_EQ(warnings.size(), 4u);
  EXPECT_NE(warnings[0].find("do not agree on a (R-hat up to 1.050"), std::string::npos);
  EXPECT_NE(warnings[1].find("draws of b are worth only 90"), std::string::npos);
  EXPECT_NE(warnings[2].find("3 trajectories diverged"), std::string::npos);
  EXPECT_NE(warnings[3].find("BFMI 0.10"), std::string::npos);
}

TEST(Posterior, RefusesWhatIsNotALikelihood) {
  Workshop w(build<Theory>("gaussian_experiments"), "{type: moments}");
  w.take(w.drawn({2, 1}, 500, 3));
  const auto task = w.task();
  Estimate estimate;
  estimate.theta = {2, 1};
  SilentMonitor monitor;
  IntervalSettings settings;
  settings.method = IntervalMethod::posterior;
  EXPECT_THROW(quote(task, estimate, {}, settings, monitor), Error);
}

TEST(Posterior, StopsWhenAsked) {
  const auto setup = setup_of({{"t", 0, 1.2, 0.5, "1", ""}});
  const auto stop = [](const stats::HmcProgress& at) {
    if (at.iteration == 30) throw Error("asked to stop");
  };
  EXPECT_THROW(sample_posterior(truncated(0.1), setup, {}, 1, stop), Error);
}

}  // namespace
}  // namespace femto
