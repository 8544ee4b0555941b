// Truncated mixtures: normalised, with the derivatives of finite differences.
#include "femto/stats/truncated_mixture.h"

#include <cmath>

#include <gtest/gtest.h>

#include "femto/core/random.h"
#include "femto/stats/calibration.h"

namespace femto::stats {
namespace {

/// Components inside, across the lower end, and wholly beyond the upper one.
TruncatedMixture sample() {
  return {-1, 2, {0.3, -0.5, 0.1}, {0.4, -1.2, 4}, {-1, 0.2, -0.3}};
}

/// Integral of the density from lo to y by Simpson's rule.
double below(const TruncatedMixture& m, double y) {
  constexpr int n = 600;
  const double h = (y - m.lo) / n;
  double sum = 0;
  for (int i = 0; i <= n; ++i)
    sum +=
        (i == 0 || i == n ? 1 : 2 + 2 * (i % 2)) * std::exp(m.log_density(m.lo + i * h));
  return sum * h / 3;
}

TEST(TruncatedMixture, IsNormalised) {
  EXPECT_NEAR(below(sample(), 2), 1, 1e-6);
}

TEST(TruncatedMixture, HasTheDerivativesOfFiniteDifferences) {
  for (const double y : {-0.9, 0.1, 1.9}) {
    std::vector<double> slope(9);
    const auto m = sample();
    EXPECT_EQ(m.log_density(y, slope), m.log_density(y));
    for (std::size_t k = 0; k < 9; ++k) {
      const auto moved = [&](double by) {
        auto other = m;
        auto& list = k < 3 ? other.logit : k < 6 ? other.mean : other.log_sd;
        list[k % 3] += by;
        return other.log_density(y);
      };
      EXPECT_NEAR(slope[k], (moved(1e-5) - moved(-1e-5)) / 2e-5, 1e-7) << y << " " << k;
    }
  }
}

TEST(TruncatedMixture, DrawsFollowTheDensity) {
  const auto m = sample();
  std::vector<double> u;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const auto pair = random::uniform_pair({3, 1}, i);
    u.push_back(std::min(1.0, below(m, m.draw(pair[0], pair[1]))));
  }
  EXPECT_GT(uniformity(u).p(), 0.01);
}

TEST(TruncatedMixture, OfOutputsThatAreZeroHasUnitVariance) {
  for (const std::size_t n : {1u, 4u}) {
    const auto m = mixture_of(std::vector<float>(3 * n), -9, 9);
    double sum = 0, mean = 0, square = 0;
    for (double y = -9; y < 9; y += 0.01) {
      const double p = 0.01 * std::exp(m.log_density(y));
      sum += p;
      mean += p * y;
      square += p * y * y;
    }
    EXPECT_NEAR(sum, 1, 1e-6);
    EXPECT_NEAR(mean, 0, 1e-6);
    EXPECT_NEAR(square, 1, 1e-6);
  }
}

TEST(TruncatedMixture, DerivativesByOutputsAreThoseOfFiniteDifferences) {
  const std::vector<float> outputs{0.5f, -0.25f, 1, -0.5f, 0.75f, -1.5f};
  std::vector<double> slope(6);
  mixture_of(outputs, -1, 1.5).log_density(0.3, slope);
  chain_to_outputs(outputs, slope);
  for (std::size_t k = 0; k < 6; ++k) {
    const auto moved = [&](float by) {
      auto other = outputs;
      other[k] += by;
      return mixture_of(other, -1, 1.5).log_density(0.3);
    };
    const float step = 1.0f / 4096;  // exact in single precision
    EXPECT_NEAR(slope[k], (moved(step) - moved(-step)) * 2048, 2e-5) << k;
  }
}

TEST(TruncatedMixture, FarFromTheIntervalItStaysInside) {
  for (const double mean : {-30.0, 30.0}) {
    const TruncatedMixture m{0, 1, {0}, {mean}, {0}};
    for (const double v : {0.001, 0.5, 0.999}) {
      const double y = m.draw(0.5, v);
      EXPECT_GE(y, 0);
      EXPECT_LE(y, 1);
      EXPECT_TRUE(std::isfinite(m.log_density(y)));
    }
    EXPECT_NEAR(below(m, 1), 1, 1e-6);
  }
}

}  // namespace
}  // namespace femto::stats
