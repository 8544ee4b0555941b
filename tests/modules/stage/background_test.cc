// Shares and shapes of background against counting and closed forms.
#include <cmath>

#include "tests/support/steps.h"
#include <gtest/gtest.h>

namespace femto {
namespace {

using testing::Records;
using testing::step;

// Bands: 5 binomial standard errors and 5 standard errors of the mean.
TEST(BackgroundStage, ReplacesItsShare) {
  const auto background = step(
      "{type: background, column: x1, fraction: {value: 0.2, sd: 0.05}, slope: 3, min: "
      "0.3, max: 0.9}");
  const std::size_t n = 50'000;
  Records r(std::vector<double>(n, 0.15));
  r.pass(*background, {0.3});
  double replaced = 0, sum = 0;
  for (const double x : r.x1) {
    if (x == 0.15) continue;
    ++replaced;
    sum += x;
    EXPECT_TRUE(x >= 0.3 && x <= 0.9);
  }
  EXPECT_NEAR(replaced / n, 0.3, 5 * std::sqrt(0.21 / n));
  // Mean of exp(-3 x) on [0, 0.6] by parts, moved by 0.3.
  const double e = std::exp(-1.8);
  const double mean = 0.3 + 1.0 / 3 - 0.6 * e / (1 - e);
  EXPECT_NEAR(sum / replaced, mean, 5 * 0.2 / std::sqrt(replaced));
  EXPECT_EQ(r.survival, std::vector<double>(n, 1.0));
  EXPECT_EQ(r.x2, std::vector<double>(n, 0.15));
}

// out = in + b / (1 - b) * total * density: its integral is total / (1 - b).
TEST(BackgroundStage, FoldsIntoAShareOfTheTotal) {
  const auto background =
      step("{type: background, column: x2, fraction: {value: 0.2, sd: 0.05}}");
  std::vector<Intensity> in;
  for (int c = 0; c < 2; ++c) {
    Intensity channel({Panels({0.1, 0.4, 1})}, 2);
    for (std::size_t i = 0; i < channel.values.cols; ++i)
      channel.values(0, i) = channel.axes[0].x[i];
    in.push_back(std::move(channel));
  }
  const double nu[] = {0.25};
  const auto out = background->fold(in, {nu, 1, {}});
  const double total = (1 - 0.01) / 2;  // int_0.1^1 x dx
  EXPECT_NEAR(integrated(out[1], 0)(0, 0), total / 0.75, 1e-14);
  EXPECT_NEAR(integrated(out[1], 0)(1, 0), total / (0.75 * 0.75), 1e-14);
  EXPECT_EQ(out[0].values, in[0].values);
}

TEST(BackgroundStage, RefusesSupportsOutsideTheColumn) {
  EXPECT_THROW(step("{type: background, column: x1, min: 0}"), Error);
  EXPECT_THROW(step("{type: background, column: x1, fraction: {value: 1.5}}"), Error);
}

}  // namespace
}  // namespace femto
