// Histograms keep every event, and the fit expects as many.
#include <cmath>
#include <numeric>

#include "tests/support/proxies.h"
#include "tests/support/tasks.h"
#include <gtest/gtest.h>

#include "femto/pipeline/analysis.h"

namespace femto {
namespace {

using testing::build;
using testing::Workshop;

void expect_histograms(const std::string& name, const std::vector<double>& truth) {
  Workshop w(build<Theory>("{type: " + name + "}"));
  w.take(w.drawn(truth, 20'000, 3));
  const Task task = w.task();
  Fit fit;
  fit.theta = truth;
  const std::vector<Fit> members{fit};
  const Fitted fitted{task, fit, members, truth, {}, {}};
  SilentMonitor monitor;
  const auto found =
      build<Analysis>("{type: histograms, bins: 50}")->examine(fitted, monitor);
  ASSERT_EQ(found.arrays.size(), 6u);
  for (std::size_t column = 0; column < 2; ++column) {
    const auto& data = found.arrays[3 * column + 1].values;
    const auto& expected = found.arrays[3 * column + 2].values;
    EXPECT_EQ(found.arrays[3 * column].values.size(), 51u);
    EXPECT_EQ(std::accumulate(data.begin(), data.end(), 0.0), 20'000);
    EXPECT_NEAR(std::accumulate(expected.begin(), expected.end(), 0.0), 20'000, 1e-6);
    for (std::size_t b = 0; b < data.size(); ++b)
      EXPECT_NEAR(data[b], expected[b], 5 * std::sqrt(expected[b]) + 5) << b;
  }
}

TEST(Histograms, OfTheOneDimensionalProxyAgreeWithTheTruth) {
  expect_histograms("proxy1d", testing::truth1d);
}

TEST(Histograms, OfTheTwoDimensionalProxyAreMarginals) {
  expect_histograms("proxy2d", testing::truth2d);
}

}  // namespace
}  // namespace femto
