// Migrations against sums by hand, finite differences and counting.
#include "femto/physics/migration.h"

#include <cmath>

#include <gtest/gtest.h>

#include "femto/core/random.h"

using femto::MeasuredShape;
using femto::Migration;

namespace {

/// Two true bins with middles 0.25 and 0.75, three measured ones of widths 1, 2 and 1.
Migration small(MeasuredShape shape = MeasuredShape::steps) {
  return {{0, 0.5, 1}, {0, 1, 3, 4}, {{5, 3, 0}, {1, 4, 2}}, {10, 10}, shape};
}

}  // namespace

TEST(Migration, IsLinearBetweenMiddlesAndConstantBeyond) {
  const auto m = small();
  for (const double x : {0.0, 0.1, 0.25}) {
    EXPECT_DOUBLE_EQ(m.efficiency(x), 0.8);
    EXPECT_DOUBLE_EQ(m.density(0.5, x), 0.5);
    EXPECT_DOUBLE_EQ(m.density(2.5, x), 0.15);
    EXPECT_DOUBLE_EQ(m.density(3.5, x), 0);
  }
  EXPECT_NEAR(m.efficiency(0.6), 0.8 * 0.3 + 0.7 * 0.7, 1e-15);
  EXPECT_NEAR(m.density(0.5, 0.6), 0.5 * 0.3 + 0.1 * 0.7, 1e-15);
  EXPECT_NEAR(m.density(3.5, 0.6), 0.2 * 0.7, 1e-15);
  EXPECT_EQ(m.density(4.1, 0.6), 0);
  EXPECT_TRUE(m.loses());
  EXPECT_EQ(m.middles(), (std::vector<double>{0.25, 0.75}));
}

TEST(Migration, DrawsItsOwnDensity) {
  const auto m = small();
  const double x = 0.6;
  const std::size_t n = 100'000;
  double counts[3] = {0, 0, 0};
  for (std::size_t i = 0; i < n; ++i) {
    const double y = m.measure(x, femto::random::uniform({3, 4}, i)).y;
    ASSERT_TRUE(y >= 0 && y <= 4);
    ++counts[y < 1 ? 0 : y < 3 ? 1 : 2];
  }
  const double widths[] = {1, 2, 1}, at[] = {0.5, 2, 3.5};
  for (int k = 0; k < 3; ++k) {
    const double p = m.density(at[k], x) * widths[k] / m.efficiency(x);
    EXPECT_NEAR(counts[k] / n, p, 5 * std::sqrt(p * (1 - p) / n));
  }
}

TEST(Migration, SlopesOfDrawsAreFiniteDifferences) {
  constexpr double h = 1e-6;
  for (const auto shape : {MeasuredShape::steps, MeasuredShape::smooth}) {
    const auto m = small(shape);
    for (const double u : {0.1, 0.4, 0.62, 0.9, 0.99}) {
      const double slope = (m.measure(0.6 + h, u).y - m.measure(0.6 - h, u).y) / (2 * h);
      EXPECT_NEAR(m.measure(0.6, u).slope, slope, 1e-6) << u;
      EXPECT_EQ(m.measure(0.1, u).slope, 0);
    }
  }
}

TEST(Migration, SmoothDensitiesAreStraightBetweenMiddles) {
  const auto m = small(MeasuredShape::smooth);
  EXPECT_EQ(m.measured_edges(), (std::vector<double>{0, 0.5, 2, 3.5, 4}));
  // Heights 0.1, 0.2, 0.2 of the upper row: its area by trapezoids, scaled to 0.7.
  const double area = 0.5 * 0.1 + 1.5 * 0.15 + 1.5 * 0.2 + 0.5 * 0.2, f = 0.7 / area;
  EXPECT_NEAR(m.efficiency(0.9), 0.7, 1e-15);
  EXPECT_NEAR(m.density(0.2, 0.9), 0.1 * f, 1e-15);
  EXPECT_NEAR(m.density(1.25, 0.9), 0.15 * f, 1e-15);
  EXPECT_NEAR(m.density(3.9, 0.9), 0.2 * f, 1e-15);
  // A draw below y with the probability of the integral up to it.
  for (const double u : {0.05, 0.3, 0.5, 0.8, 0.97}) {
    const double y = m.measure(0.6, u).y;
    double below = 0;
    constexpr int steps = 20'000;
    for (int i = 0; i < steps; ++i) below += m.density(y * (i + 0.5) / steps, 0.6);
    EXPECT_NEAR(below * y / steps, u * m.efficiency(0.6), 1e-7);
  }
}

TEST(Migration, ReachesAcrossEmptyBins) {
  // Nothing migrates from the middle one of three true bins, but from both others.
  const Migration m({0, 1, 2, 3, 4},
                    {0, 1, 2},
                    {{1, 1}, {0, 2}, {1, 1}, {0, 2}},
                    {2, 2, 2, 2},
                    MeasuredShape::steps);
  for (const double x : {0.1, 1.4, 1.6, 2.5, 3.4}) EXPECT_TRUE(m.reaches(0.5, x)) << x;
  EXPECT_FALSE(m.reaches(0.5, 3.6));
  EXPECT_FALSE(m.reaches(2.5, 1.0));
  EXPECT_TRUE(m.reaches(1.5, 3.9));
}

TEST(Migration, ValuesOnEdgesHaveABin) {
  const std::vector<double> edges{0, 1, 3};
  EXPECT_EQ(femto::bin_in(edges, 0), 0);
  EXPECT_EQ(femto::bin_in(edges, 1), 1);
  EXPECT_EQ(femto::bin_in(edges, 3), 1);
  EXPECT_EQ(femto::bin_in(edges, 3.1), -1);
  EXPECT_EQ(femto::bin_in(edges, std::nan("")), -1);
}
