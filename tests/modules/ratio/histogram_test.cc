// The histogram ratio: counts by hand, open outer bins, and what it cannot cover.
#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/modules/builtins.h"
#include "femto/pipeline/ratio.h"

namespace femto {
namespace {

TEST(HistogramRatio, DividesSumsOfWeights) {
  const auto estimator =
      builtin_registry().build<RatioEstimator>("histogram", "edges: [0, 1, 2, 3]");
  const std::vector<double> a = {-5, 0.5, 1.5}, wa = {1, 2, 3};
  const std::vector<double> b = {0.2, 1.1, 1.9, 2.5}, wb = {2, 5, -1, 1};
  const auto ratio = estimator->learn({{a}, wa}, {{b}, wb}, {});
  const std::vector<double> x = {-1, 0.9, 1.2, 9};
  std::vector<double> r(x.size());
  ratio({x}, r);
  EXPECT_EQ(r, (std::vector<double>{1.5, 1.5, 0.75, 0}));
}

TEST(HistogramRatio, UsesJointBinsOfSeveralColumns) {
  const auto estimator =
      builtin_registry().build<RatioEstimator>("histogram", "edges: [0, 1, 2]");
  const std::vector<double> ax = {0.5, 1.5}, ay = {0.5, 1.5}, wa = {2, 2};
  const std::vector<double> bx = {0.5, 1.5, 1.5}, by = {0.5, 0.5, 1.5}, wb = {1, 1, 4};
  std::vector<double> r(3);
  estimator->learn({{ax, ay}, wa}, {{bx, by}, wb}, {})({bx, by}, r);
  EXPECT_EQ(r, (std::vector<double>{2, 0, 0.5}));
}

TEST(HistogramRatio, DataWithoutSimulationAreNamed) {
  const auto estimator =
      builtin_registry().build<RatioEstimator>("histogram", "edges: [0, 1, 2, 3]");
  const std::vector<double> a = {1.5, 2.5}, b = {0.5, 2.5}, ones = {1, 1};
  try {
    estimator->learn({{a}, ones}, {{b}, ones}, {});
    FAIL() << "not refused";
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what()).find("does not cover the data: the bin [1, 2]"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace femto
