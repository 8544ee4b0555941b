// The classifier ratio of Gaussian samples is near that of their densities.
#include <cmath>

#include "tests/support/gaussian_events.h"
#include <gtest/gtest.h>

#include "femto/core/threads.h"
#include "femto/modules/builtins.h"
#include "femto/pipeline/ratio.h"

namespace femto {
namespace {

using testing::gaussian_events;

TEST(PerceptronRatio, OfGaussiansIsNearTheExactOne) {
  const auto a = gaussian_events(10000, 0.3, 1.1, {}),
             b = gaussian_events(10000, 0, 1, {});
  const auto estimator = builtin_registry().build<RatioEstimator>(
      "perceptron", "hidden: [16, 16]\nepochs: 20\nbatch: 512\nrate: 0.01");
  const random::Stream stream{7, 7};
  const std::vector<double> x = {-1.5, -0.5, 0, 0.5, 1.5};
  std::vector<double> r(x.size()), again(x.size());
  const auto ratio =
      estimator->learn({{a.truth[0]}, a.weight}, {{b.truth[0]}, b.weight}, stream);
  ratio({x}, r);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double u = (x[i] - 0.3) / 1.1;
    EXPECT_NEAR(std::log(r[i]), -0.5 * u * u - std::log(1.1) + 0.5 * x[i] * x[i], 0.05);
  }
  std::vector<double> of_below(b.size());
  ratio({b.truth[0]}, of_below);
  double sum = 0;
  for (const double v : of_below) sum += v;
  EXPECT_NEAR(sum, 10000, 1e-6);  // as many as above
}

TEST(PerceptronRatio, IsTheSameForAnyNumberOfThreads) {
  const auto a = gaussian_events(2000, 0.3, 1.1, {}), b = gaussian_events(2000, 0, 1, {});
  const auto estimator = builtin_registry().build<RatioEstimator>(
      "perceptron", "hidden: [16]\nepochs: 2\nmembers: 2");
  const auto at = [&](int count) {
    set_threads(count);
    std::vector<double> r(3);
    const std::vector<double> x = {-1, 0, 1};
    estimator->learn({{a.truth[0]}, a.weight}, {{b.truth[0]}, b.weight}, {3, 4})({x}, r);
    set_threads(0);
    return r;
  };
  EXPECT_EQ(at(1), at(2));
}

}  // namespace
}  // namespace femto
