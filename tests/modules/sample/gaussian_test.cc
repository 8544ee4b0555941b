// Generated events have the moments, the efficiency and the fakes they were asked for.
#include <cmath>

#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/modules/builtins.h"
#include "femto/pipeline/sample.h"
#include "femto/stats/summary.h"

namespace femto {
namespace {

TEST(GaussianSample, HasWhatWasAskedFor) {
  const auto source = builtin_registry().build<SampleSource>(
      "gaussian",
      "events: 20000\nmean: 0.2\nsd: 0.8\nnoise: [0.5]\nefficiency: 0.7\nfakes: 0.1");
  const auto e = source->read({{"x"}, {"y"}, 5, Role::simulation});
  ASSERT_EQ(e.size(), 22000u);
  std::vector<double> truth(e.truth[0].begin(), e.truth[0].begin() + 20000), noise;
  double detected = 0;
  for (std::size_t i = 0; i < 20000; ++i) {
    EXPECT_EQ(e.generated[i], 1);
    if (!e.detected[i]) continue;
    detected += 1;
    noise.push_back(e.measured[0][i] - e.truth[0][i]);
  }
  for (std::size_t i = 20000; i < 22000; ++i) {
    EXPECT_EQ(e.generated[i], 0);
    EXPECT_EQ(e.detected[i], 1);
  }
  // 4 standard deviations of each
  EXPECT_NEAR(stats::mean(truth), 0.2, 4 * 0.8 / std::sqrt(20000));
  EXPECT_NEAR(stats::standard_deviation(truth), 0.8, 4 * 0.8 / std::sqrt(40000));
  EXPECT_NEAR(stats::standard_deviation(noise), 0.5, 4 * 0.5 / std::sqrt(28000));
  EXPECT_NEAR(detected, 14000, 4 * std::sqrt(20000 * 0.21));
}

TEST(GaussianSample, DataAndSimulationAreIndependent) {
  const auto source = builtin_registry().build<SampleSource>("gaussian", "events: 10");
  const auto a = source->read({{"x"}, {"y"}, 5, Role::simulation});
  const auto b = source->read({{"x"}, {"y"}, 5, Role::data});
  EXPECT_NE(a.truth, b.truth);
  EXPECT_EQ(a.truth, source->read({{"x"}, {"y"}, 5, Role::simulation}).truth);
}

TEST(GaussianSample, NeedsOneNoisePerColumn) {
  const auto source = builtin_registry().build<SampleSource>("gaussian");
  EXPECT_THROW(source->read({{"x"}, {"y", "z"}, 5, Role::data}), Error);
}

}  // namespace
}  // namespace femto
