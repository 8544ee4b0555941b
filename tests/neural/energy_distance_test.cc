// The distance that chooses the best generator: closed forms, equal samples,
// correlations.
#include "femto/neural/energy_distance.h"

#include <cmath>

#include <gtest/gtest.h>

#include "femto/core/random.h"

using namespace femto;
using namespace femto::neural;

namespace {

/// Two columns of normal deviates with a shift of the first and a correlation.
Matrix normal_sample(std::size_t n, std::uint64_t seed, double shift, double rho) {
  const auto stream = random::Stream::named(seed, "energy test");
  Matrix out(2, n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto z = random::normal_pair(stream, i);
    out(0, i) = z[0] + shift;
    out(1, i) = rho * z[0] + std::sqrt(1 - rho * rho) * z[1];
  }
  return out;
}

}  // namespace

TEST(EnergyDistance, MatchesHandCountedSteps) {
  // F steps at 0 and 2, G at 1 and 3: |F - G| = 1/2 on [0, 1] and [2, 3].
  const auto d = cramer_distance({0, 2}, {1, 3});
  EXPECT_NEAR(d.distance, 0.25 * 2, 1e-15);
  // H = 1/4, 1/2, 3/4 on three unit steps, times 1/2 + 1/2
  EXPECT_NEAR(d.expected, 3.0 / 16 + 4.0 / 16 + 3.0 / 16, 1e-15);
}

TEST(EnergyDistance, IsZeroForTheSameSample) {
  const auto d = cramer_distance({0, 1, 5}, {0, 1, 5});
  EXPECT_EQ(d.distance, 0);
}

TEST(EnergyDistance, MoreThanOneOfAShiftedSampleTellsTheShift) {
  // Two points moved apart by a: int (F - G)^2 = a.
  EXPECT_NEAR(cramer_distance({0}, {0.7}).distance, 0.7, 1e-15);
}

TEST(EnergyDistance, IsOneOnAverageForEqualDistributions) {
  double sum = 0, square = 0;
  const int toys = 40;
  for (int k = 0; k < toys; ++k) {
    const auto seed = static_cast<std::uint64_t>(2 * k + 10);
    const EnergyDistance d(normal_sample(500, seed, 0, 0), 4, 1);
    const double v = d(normal_sample(700, seed + 1, 0, 0));
    sum += v / toys;
    square += v * v / toys;
  }
  const double sd = std::sqrt((square - sum * sum) / (toys - 1));
  EXPECT_NEAR(sum, 1, 4 * sd);
}

TEST(EnergyDistance, SeesShiftsAndCorrelations) {
  const EnergyDistance d(normal_sample(4000, 1, 0, 0.5), 6, 1);
  const double equal = d(normal_sample(4000, 2, 0, 0.5));
  EXPECT_LT(equal, 5);
  EXPECT_GT(d(normal_sample(4000, 3, 0.1, 0.5)), 2 * equal);
  // columns alone are the same: only mixed directions see the correlation
  EXPECT_GT(d(normal_sample(4000, 4, 0, 0)), 2 * equal);
}
