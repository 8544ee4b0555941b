// The two-sample test: exact areas, equal halves, shifted samples, the whole analysis.
#include <cmath>

#include "tests/neural/world.h"
#include <gtest/gtest.h>

#include "femto/config/registry.h"
#include "femto/core/error.h"
#include "femto/neural/classifier.h"
#include "femto/pipeline/analysis.h"

namespace femto {
void register_analysis_classifier_test(Registry& r);
}

using namespace femto;
using namespace femto::neural;
using namespace femto::testing;

namespace {

Matrix normal_sample(std::size_t n, std::uint64_t seed, double shift) {
  const auto stream = random::Stream::named(seed, "classifier test");
  Matrix out(2, n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto z = random::normal_pair(stream, i);
    out(0, i) = z[0] + shift;
    out(1, i) = z[1];
  }
  return out;
}

Findings examine(const World& world, const std::vector<double>& theta) {
  Registry registry;
  register_analysis_classifier_test(registry);
  const auto analysis =
      registry.build<Analysis>("classifier_test", "{events: 20000, epochs: 10}");
  const auto task = world.task();
  Fit fit;
  fit.theta = theta;
  SilentMonitor monitor;
  return analysis->examine({task, fit, {fit}, theta, {}, {}}, monitor);
}

}  // namespace

TEST(ClassifierTest, AreaOfPerfectReversedAndTiedScores) {
  EXPECT_EQ(auc({2, 3, 4}, {0, 1}), 1);
  EXPECT_EQ(auc({0, 1}, {2, 3, 4}), 0);
  EXPECT_EQ(auc({1, 1}, {1, 1, 1}), 0.5);
  // pairs: 3 > 1, 3 > 2, 2 > 1, 2 = 2
  EXPECT_EQ(auc({3, 2}, {1, 2}), 3.5 / 4);
}

TEST(ClassifierTest, AreaOfRandomScoresIsOneHalf) {
  std::vector<double> a, b;
  const auto stream = random::Stream::named(1, "scores");
  for (std::uint64_t i = 0; i < 5000; ++i) {
    a.push_back(random::uniform(stream, i, 0));
    b.push_back(random::uniform(stream, i, 1));
  }
  const auto area = bootstrap_auc(a, b, 1);
  // variance of the area without difference: (n + m + 1) / (12 n m)
  const double sd = std::sqrt(10'001.0 / 12) / 5000;
  EXPECT_NEAR(area.value, 0.5, 4 * sd);
  EXPECT_NEAR(area.error, sd, 0.25 * sd);  // 200 replicas: 5 % each
}

TEST(ClassifierTest, HalvesOfOneSampleCannotBeToldApart) {
  const auto v = tell_apart(normal_sample(8000, 1, 0), normal_sample(8000, 2, 0), {});
  EXPECT_NEAR(v.auc.value, 0.5, 4 * v.auc.error);
  EXPECT_LT(v.auc.error, 0.01);
  EXPECT_EQ(v.test_events, 4000u);
}

TEST(ClassifierTest, AShiftIsFoundWithTheBestPossibleArea) {
  // Normal samples shifted by s: the best area is Phi(s / sqrt 2).
  const double s = 0.5, best = 0.5 * std::erfc(-s / 2);
  const auto v = tell_apart(normal_sample(8000, 1, s), normal_sample(8000, 2, 0), {});
  EXPECT_NEAR(v.auc.value, best, 4 * v.auc.error);
  EXPECT_GT(v.auc.value, 0.5 + 5 * v.auc.error);
  EXPECT_GT(v.accuracy, 0.55);
}

TEST(ClassifierTest, RefusesTooFewEvents) {
  EXPECT_THROW(tell_apart(normal_sample(50, 1, 0), normal_sample(50, 2, 0), {}),
               DataError);
}

TEST(ClassifierTest, AcceptsTheTruthAndRefusesAnother) {
  const World world(20'000);
  const auto good = examine(world, truth1d);
  EXPECT_NEAR(
      good.result["auc"].get<double>(), 0.5, 4 * good.result["auc_error"].get<double>());
  auto wrong = truth1d;
  wrong[1] = 0.5;
  const auto bad = examine(world, wrong);
  EXPECT_GT(bad.result["auc"].get<double>(),
            0.5 + 5 * bad.result["auc_error"].get<double>());
  EXPECT_EQ(bad.key, "classifier_test");
  EXPECT_EQ(bad.notes.size(), 1u);
}
