// Fits with known answers: closed forms, shipped events, bounds, side information.
#include <cmath>
#include <numeric>

#include "tests/support/fits.h"
#include "tests/support/proxies.h"
#include <gtest/gtest.h>

#include "femto/core/threads.h"
#include "femto/stats/linear.h"
#include "femto/stats/summary.h"

namespace femto {
namespace {

using testing::build;
using testing::Problem;

/// c and variance of the six experiments; proxy applications section 8.
const double experiments[6][3] = {{1, 1, 2},
                                  {-2, 2, 2.25},
                                  {-9.46, 1.67, 1.25},
                                  {4.20, 0.74, 1.5},
                                  {0.921, 1.98, 1.75},
                                  {-1.10, 1.90, 2.5}};

Problem gaussian() {
  return Problem(
      build<Theory>("gaussian_experiments"),
      [](const Theory& t) {
        return Dataset(testing::toy(t, std::vector<double>{2, 1}, 5000));
      },
      "likelihood");
}

/// (sum c c^T / v)^-1 sum c mean(x) / v.
std::vector<double> closed_form(const Dataset& data) {
  Matrix h(2, 2);
  std::vector<double> right(2, 0.0);
  for (std::size_t k = 0; k < 6; ++k) {
    const auto& [c0, c1, v] = experiments[k];
    const double mean = stats::mean(data.table()->column(k));
    stats::add_outer(h, 1 / v, std::vector<double>{c0, c1});
    right[0] += c0 * mean / v;
    right[1] += c1 * mean / v;
  }
  return *stats::cholesky_solve(h, right);
}

TEST(FisherScoring, FindsTheClosedFormOfTheGaussianExperiments) {
  const Problem p = gaussian();
  const Fit fit = p.solve();
  const auto expected = closed_form(p.data);
  EXPECT_EQ(fit.outcome, Outcome::converged);
  for (std::size_t k = 0; k < 2; ++k) EXPECT_NEAR(fit.theta[k], expected[k], 1e-9);
}

TEST(FisherScoring, MinimisesMomentsToo) {
  Problem p = gaussian();
  p.objective = build<Objective>("{type: moments, order: 4}");
  const Fit fit = p.solve();
  const auto expected = closed_form(p.data);
  EXPECT_EQ(fit.outcome, Outcome::converged);
  // Four moments of a Gaussian: efficient up to the noise of their weight.
  const double sd[2] = {0.118868 / std::sqrt(5e3), 0.378124 / std::sqrt(5e3)};
  for (std::size_t k = 0; k < 2; ++k) EXPECT_NEAR(fit.theta[k], expected[k], 0.5 * sd[k]);
}

Problem shipped1d(const std::string& objective) {
  return Problem(
      build<Theory>("proxy1d"),
      [](const Theory& t) { return testing::shipped(t, "proxy1d_events_100k.npy"); },
      objective);
}

/// Distances from the truth in units of the floors at 1e5 pairs; proxy applications 6.
void expect_near_truth(const Fit& fit, double floors) {
  const auto& t = fit.theta;
  EXPECT_NEAR(t[1], -0.5, floors * 0.01736);
  EXPECT_NEAR(t[2], 3, floors * 0.04753);
  EXPECT_NEAR(std::log(t[3] / t[0]), std::log(0.5), floors * 0.50644);
  EXPECT_NEAR(t[4], -0.5, floors * 0.05470);
  EXPECT_NEAR(t[5], 4, floors * 0.40336);
}

TEST(FisherScoring, FitsTheShippedEvents) {
  for (const std::string form : {"likelihood", "{type: likelihood, form: binned}"}) {
    const Problem p = shipped1d(form);
    const Fit fit = p.solve();
    EXPECT_EQ(fit.outcome, Outcome::converged) << fit.message;
    expect_near_truth(fit, 3.5);
  }
}

TEST(FisherScoring, FitsTheShippedEventsOfTwoAxes) {
  const Problem p(
      build<Theory>("proxy2d"),
      [](const Theory& t) { return testing::shipped(t, "proxy2d_events_100k.npy"); },
      "likelihood");
  const Fit fit = p.solve();
  EXPECT_EQ(fit.outcome, Outcome::converged);
  // Floors at 1e5 events; proxy applications 2.1.
  const double floor[5] = {0.006506, 0.021119, 0.005646, 0.029111, 0.144747};
  for (std::size_t k = 0; k < 5; ++k)
    EXPECT_NEAR(fit.theta[k], testing::truth2d[k], 3.5 * floor[k]);
}

TEST(FisherScoring, IsTheSameForAnyNumberOfThreads) {
  const Problem p(
      build<Theory>("proxy1d"),
      [](const Theory& t) { return Dataset(testing::toy(t, testing::truth1d, 20000)); },
      "likelihood");
  set_threads(1);
  const Fit one = p.solve();
  for (const int threads : {2, 3}) {
    set_threads(threads);
    const Fit many = p.solve();
    EXPECT_EQ(one.theta, many.theta);
    EXPECT_EQ(one.value, many.value);
    EXPECT_EQ(one.message, many.message);
  }
  set_threads(0);
}

TEST(FisherScoring, NormsFixTheCommonScale) {
  Problem p = shipped1d("{type: likelihood, form: binned}");
  p.side.norms = {3.268459708124754, 1.872591310431229};  // proxy applications 1.3
  p.side.norm_uncertainties = {1e-4, 1e-4};
  const Fit fit = p.solve();
  EXPECT_EQ(fit.outcome, Outcome::converged);
  // Floors with exact norms at 1e5; proxy applications 6.
  const double floor[6] = {0.08171, 0.01733, 0.03865, 0.09253, 0.03650, 0.10243};
  for (std::size_t k = 0; k < 6; ++k)
    EXPECT_NEAR(fit.theta[k], testing::truth1d[k], 3.5 * floor[k]);
  const auto norms = p.density.norms(fit.theta);
  for (std::size_t c = 0; c < 2; ++c)
    EXPECT_NEAR(std::exp(norms.log_norm[c]) / p.side.norms[c], 1, 4e-4);
}

TEST(FisherScoring, HoldsFixedParameters) {
  Problem p = shipped1d("{type: likelihood, form: binned}");
  p.setup.fixed[2] = true;
  p.setup.parameters[2].start = 3;
  const Fit fit = p.solve();
  EXPECT_EQ(fit.theta[2], 3);
  EXPECT_EQ(fit.outcome, Outcome::converged);
}

TEST(FisherScoring, SaysThatAParameterIsAtItsBound) {
  Problem p = shipped1d("{type: likelihood, form: binned}");
  p.setup.parameters[2].hi = 2.5;
  p.setup.parameters[2].start = 2;
  const Fit fit = p.solve();
  EXPECT_EQ(fit.theta[2], 2.5);
  ASSERT_EQ(fit.at_bound.size(), 6u);
  EXPECT_TRUE(fit.at_bound[2]);
  EXPECT_NE(fit.message.find("b_u is at its upper bound 2.5"), std::string::npos);
}

TEST(FisherScoring, DivergesWhereNoStartHasADensity) {
  Problem p(
      build<Theory>("proxy1d"),
      [](const Theory& t) { return Dataset(testing::toy(t, testing::truth1d, 100)); },
      "likelihood");
  for (const std::size_t k : {0, 3}) {
    p.setup.fixed[k] = true;
    p.setup.parameters[k].start = 0;
  }
  const Fit fit = p.solve();
  EXPECT_EQ(fit.outcome, Outcome::diverged);
  EXPECT_NE(fit.message.find("row 1"), std::string::npos) << fit.message;
}

TEST(FisherScoring, StopsAtTheIterationsAllowed) {
  const Problem p = shipped1d("{type: likelihood, form: binned}");
  const Fit fit = p.solve("{type: fisher_scoring, starts: 1, max_iterations: 2}");
  EXPECT_EQ(fit.outcome, Outcome::stopped);
}

/// Keeps what the solver says.
class Listener final : public Monitor {
 public:
  void report(const Metrics& m) override { lines.push_back(m); }

  void note(std::string_view sentence) override { notes.emplace_back(sentence); }

  bool save_due() override { return false; }

  void save(const io::State&) override {}

  std::optional<io::State> restored() override { return {}; }

  std::vector<Metrics> lines;
  std::vector<std::string> notes;
};

TEST(FisherScoring, ReportsEveryIterationAndOtherMinima) {
  const Problem p = shipped1d("{type: likelihood, form: binned}");
  Listener listener;
  const Fit fit = build<Solver>("fisher_scoring")->solve(p.task(), listener);
  ASSERT_EQ(listener.lines.size(), fit.iterations);
  EXPECT_EQ(listener.lines.front().step, "fit");
  EXPECT_EQ(listener.lines.front().values[0].first, "nll");
  EXPECT_EQ(listener.lines.front().values[1].first, "gradient_norm");
  EXPECT_EQ(listener.lines.back().values[3].second, fit.theta[1]);
  ASSERT_EQ(listener.notes.size(), 1u);
  EXPECT_NE(listener.notes[0].find("ended elsewhere"), std::string::npos);
}

/// An objective that two networks play for.
class Game final : public Objective {
 public:
  std::unique_ptr<Criterion> bind(const Material&) const override { return nullptr; }

  bool is_function() const override { return false; }

  bool is_likelihood() const override { return false; }
};

TEST(FisherScoring, ObjectsToAGame) {
  const auto solver = build<Solver>("fisher_scoring");
  EXPECT_NE(solver->objection(Game(), nullptr), "");
  EXPECT_EQ(solver->objection(*build<Objective>("likelihood"), nullptr), "");
}

}  // namespace
}  // namespace femto
