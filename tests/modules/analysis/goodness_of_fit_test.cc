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

TEST(GoodnessOfFit, CalibratesByRefittedToys) {
  const auto found =
      tested("proxy2d", truth2d, truth2d, "{type: goodness_of_fit, toys: 9}", 2000);
  const double p = found.result["tests"][0]["p_value"].get<double>();
  EXPECT_NEAR(p * 10, std::round(p * 10), 1e-9);
  EXPECT_GE(p, 0.1);
}

}  // namespace
}  // namespace femto
