// The quadratic ratio of Gaussians is theirs; unfolding with it follows the exact
// iterates.
#include <cmath>

#include "tests/support/gaussian_events.h"
#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/modules/builtins.h"
#include "femto/pipeline/ratio.h"

namespace femto {
namespace {

using testing::gaussian_events;

std::unique_ptr<RatioEstimator> quadratic() {
  return builtin_registry().build<RatioEstimator>("quadratic");
}

TEST(QuadraticRatio, OfGaussiansIsExact) {
  const auto a = gaussian_events(20000, 0.3, 1.1, {}),
             b = gaussian_events(20000, 0, 1, {});
  const auto ratio = quadratic()->learn(
      {{a.truth[0]}, a.weight}, {{b.truth[0]}, b.weight}, random::Stream{});
  const std::vector<double> x = {-1.5, 0, 0.5, 2};
  std::vector<double> r(x.size());
  ratio({x}, r);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double u = (x[i] - 0.3) / 1.1;
    EXPECT_NEAR(std::log(r[i]), -0.5 * u * u - std::log(1.1) + 0.5 * x[i] * x[i], 0.005);
  }
}

TEST(QuadraticRatio, SplittingAnEventChangesNothing) {
  auto a = gaussian_events(500, 0.3, 1.1, {}), b = gaussian_events(600, 0, 1, {});
  const std::vector<double> x = {-1, 2};
  std::vector<double> whole(2), split(2);
  b.weight[7] = 2;
  quadratic()->learn({{a.truth[0]}, a.weight}, {{b.truth[0]}, b.weight}, {})({x}, whole);
  b.weight[7] = 1;
  b.weight.push_back(1);
  b.truth[0].push_back(b.truth[0][7]);
  quadratic()->learn({{a.truth[0]}, a.weight}, {{b.truth[0]}, b.weight}, {})({x}, split);
  // the scale of the features moves a little; the minimum does not
  for (std::size_t i = 0; i < 2; ++i) EXPECT_NEAR(whole[i] / split[i], 1, 1e-5);
}

TEST(QuadraticRatio, SamplesThatDoNotOverlapAreRefused) {
  const std::vector<double> low = {0, 1, 2, 3}, high = {10, 11, 12, 13}, ones(4, 1.0);
  EXPECT_THROW(quadratic()->learn({{high}, ones}, {{low}, ones}, {}), NumericalError);
}

}  // namespace
}  // namespace femto
