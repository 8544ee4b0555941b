// Importance weights against closed forms.
#include "femto/stats/importance.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace femto::stats {
namespace {

/// Weights that make draws of N(0, 1) draws of N(0, sd^2).
ImportanceWeights widened(double sd, std::size_t n = 20000) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < n; ++i) {
    const double z = random::normal_pair({5, 2}, i)[0];
    ratios.push_back(-std::log(sd) - z * z / 2 * (1 / (sd * sd) - 1));
  }
  return importance_weights(ratios);
}

TEST(Importance, EffectiveNumberOfNarrowedNormals) {
  // E[w]^2 / E[w^2] = s sqrt(2 - s^2) for the target N(0, s^2).
  for (const double s : {1.0, 0.8, 0.5})
    EXPECT_NEAR(widened(s).ess / 20000, s * std::sqrt(2 - s * s), 0.02) << s;
}

TEST(Importance, ShapeOfTheTail) {
  // x = (u^-k - 1) / k has shape k.
  for (const double k : {0.2, 0.5, 1.0}) {
    std::vector<double> x;
    for (std::size_t i = 0; i < 4000; ++i)
      x.push_back((std::pow(random::uniform({6, 2}, i), -k) - 1) / k);
    EXPECT_NEAR(pareto_shape(x), k, 4 * (1 + k) / std::sqrt(4000.0)) << k;
  }
  // Weights of N(0, s^2) / N(0, 1) fall like w^-(1 / k) with k = 1 - 1 / s^2.
  EXPECT_LT(widened(0.8).pareto_k, 0.2);
  EXPECT_LT(widened(1.2).pareto_k, pareto_limit);
  EXPECT_GT(widened(3).pareto_k, pareto_limit);
}

TEST(Importance, EqualWeightsAndNone) {
  const auto equal = importance_weights(std::vector<double>(100, 3.0));
  EXPECT_NEAR(equal.ess, 100, 1e-9);
  EXPECT_EQ(equal.pareto_k, 0);
  const auto none = importance_weights(
      std::vector<double>(100, -std::numeric_limits<double>::infinity()));
  EXPECT_EQ(none.ess, 0);
  EXPECT_GT(none.pareto_k, pareto_limit);
}

TEST(Importance, ResamplingRoundsCounts) {
  const std::vector<double> w{0.5, 0, 0.25, 0.25};
  EXPECT_EQ(resampled(w, 4, 0.5), (std::vector<std::size_t>{0, 0, 2, 3}));
  EXPECT_EQ(resampled(w, 2, 0.9), (std::vector<std::size_t>{0, 3}));
}

}  // namespace
}  // namespace femto::stats
