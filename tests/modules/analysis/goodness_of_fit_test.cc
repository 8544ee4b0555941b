// Goodness of fit accepts the right densities and rejects wrong ones.
#include "tests/support/proxies.h"
#include "tests/support/tasks.h"
#include <gtest/gtest.h>

#include "femto/pipeline/analysis.h"

namespace femto {
namespace {

using testing::build;
using testing::truth1d;
using testing::truth2d;
using testing::Workshop;

Findings tested(const std::string& theory,
                const std::vector<double>& truth,
                const std::vector<double>& theta,
                const std::string& settings,
                std::size_t records = 20'000) {
  Workshop w(build<Theory>("{type: " + theory + "}"));
  w.take(w.drawn(truth, records, 4));
  const Task task = w.task();
  Fit fit;
  fit.theta = theta;
  const std::vector<Fit> members{fit};
  const Fitted fitted{task, fit, members, theta, {}, {}};
  SilentMonitor monitor;
  return build<Analysis>(settings)->examine(fitted, monitor);
}

TEST(GoodnessOfFit, AcceptsTheTruth) {
  const auto found = tested("proxy1d", truth1d, truth1d, "{type: goodness_of_fit}");
  ASSERT_EQ(found.result["tests"].size(), 4u);
  for (const auto& t : found.result["tests"])
    EXPECT_GT(t["p_value"].get<double>(), 1e-3) << t["name"];
  EXPECT_TRUE(found.notes.empty());
}

TEST(GoodnessOfFit, RejectsAWrongShapeAndSaysSo) {
  auto wrong = truth1d;
  wrong[2] += 0.5;
  const auto found = tested("proxy1d", truth1d, wrong, "{type: goodness_of_fit}");
  for (const auto& t : found.result["tests"])
    EXPECT_LT(t["p_value"].get<double>(), 1e-3) << t["name"];
  EXPECT_FALSE(found.notes.empty());
}

TEST(GoodnessOfFit, BinsPairsOfTheTwoDimensionalProxy) {
  const auto found = tested("proxy2d", truth2d, truth2d, "{type: goodness_of_fit}");
  ASSERT_EQ(found.result["tests"].size(), 1u);
  EXPECT_GT(found.result["tests"][0]["p_value"].get<double>(), 1e-3);
}

/// Degrees of freedom of the first channel when the third parameter is known beforehand.
double degrees(double sd) {
  Workshop w(build<Theory>("{type: proxy1d}"));
  w.take(w.drawn(truth1d, 5000, 4));
  Matrix variance(1, 1);
  variance(0, 0) = sd * sd;
  w.side.constraints.push_back(
      {.parameters = {2}, .values = {truth1d[2]}, .covariance = variance});
  const Task task = w.task();
  Fit fit;
  fit.theta = truth1d;
  const std::vector<Fit> members{fit};
  SilentMonitor monitor;
  const auto found = build<Analysis>("{type: goodness_of_fit}")
                         ->examine({task, fit, members, truth1d, {}, {}}, monitor);
  return found.result["tests"][0]["ndf"].get<double>();
}

TEST(GoodnessOfFit, CountsParametersByWhatEventsSayOfThem) {
  const double free = degrees(1e4), held = degrees(1e-7);
  EXPECT_NEAR(held - free, 0.5, 1e-3);  // one parameter less, shared by two channels
  // In between the prior's share of the knowledge is left out.
  const double between = degrees(0.1);
  EXPECT_GT(between, free + 1e-3);
  EXPECT_LT(between, held - 1e-3);
}

TEST(GoodnessOfFit, CalibratesByRefittedToys) {
  const auto found =
      tested("proxy2d", truth2d, truth2d, "{type: goodness_of_fit, toys: 9}", 2000);
  const double p = found.result["tests"][0]["p_value"].get<double>();
  EXPECT_NEAR(p * 10, std::round(p * 10), 1e-9);
  EXPECT_GE(p, 0.1);
}

}  // namespace
}  // namespace femto
