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
      "perceptron", "hidden: [16, 16]\nepochs: 20\nbatch: 512\nrate: 0.01\nbase: none");
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

/// Two peaks over one: no quadratic has their log ratio, whose dip the network must add.
TEST(PerceptronRatio, LearnsWhatIsNotQuadratic) {
  auto a = gaussian_events(8000, -1, 0.6, {});
  const auto right = gaussian_events(8000, 1, 0.6, {}, 1, 4321);
  a.truth[0].insert(a.truth[0].end(), right.truth[0].begin(), right.truth[0].end());
  a.weight.resize(16000, 1.0);
  const auto b = gaussian_events(16000, 0, 1.2, {}, 1, 1234);
  const auto log_ratio = [&](const char* name, const char* settings) {
    const std::vector<double> x = {-1.5, -1, 0, 0.5, 1, 1.5};
    std::vector<double> r(x.size());
    builtin_registry()
        .build<RatioEstimator>(name, settings)
        ->learn({{a.truth[0]}, a.weight}, {{b.truth[0]}, b.weight}, {5, 6})({x}, r);
    double worst = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const auto peak = [&](double m) {
        return std::exp(-0.5 * std::pow((x[i] - m) / 0.6, 2)) / 0.6;
      };
      const double exact =
          0.5 * (peak(-1) + peak(1)) / (std::exp(-0.5 * std::pow(x[i] / 1.2, 2)) / 1.2);
      worst = std::max(worst, std::fabs(std::log(r[i] / exact)));
    }
    return worst;
  };
  EXPECT_LT(log_ratio("perceptron", "hidden: [32, 32]\nepochs: 20\nrate: 0.01"), 0.1);
  EXPECT_GT(log_ratio("quadratic", ""), 0.3);
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
