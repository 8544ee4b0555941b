// Marching squares: lines of known functions, and saddles.
#include "femto/stats/contour_lines.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

using femto::Matrix;
using namespace femto::stats;

namespace {

std::vector<double> ticks(double lo, double hi, int n) {
  std::vector<double> out;
  for (int i = 0; i < n; ++i) out.push_back(lo + (hi - lo) * i / (n - 1));
  return out;
}

Matrix table(const std::vector<double>& x,
             const std::vector<double>& y,
             const auto& function) {
  Matrix out(y.size(), x.size());
  for (std::size_t j = 0; j < y.size(); ++j)
    for (std::size_t i = 0; i < x.size(); ++i) out(j, i) = function(x[i], y[j]);
  return out;
}

double length(const Segment& s) {
  return std::hypot(s.x2 - s.x1, s.y2 - s.y1);
}

}  // namespace

TEST(ContourLines, ACircleHasItsRadiusAndCircumference) {
  const auto x = ticks(-2, 2, 81), y = ticks(-2, 2, 61);
  const auto lines = contour_lines(
      x, y, table(x, y, [](double a, double b) { return a * a + b * b; }), 2.25);
  double total = 0;
  for (const auto& s : lines) {
    // linear between ticks h apart: off by at most h^2 / 8 of the second derivative, 2,
    // over the slope, 3
    EXPECT_NEAR(std::hypot(s.x1, s.y1), 1.5, 4. / 60 * 4. / 60 / 12);
    total += length(s);
  }
  EXPECT_NEAR(total, 3 * M_PI, 0.01);
}

TEST(ContourLines, APlaneIsCutWhereItIs) {
  const auto x = ticks(0, 1, 4), y = ticks(0, 2, 3);
  const auto lines =
      contour_lines(x, y, table(x, y, [](double a, double b) { return a + b; }), 1.1);
  ASSERT_FALSE(lines.empty());
  double total = 0;
  for (const auto& s : lines) {
    EXPECT_NEAR(s.x1 + s.y1, 1.1, 1e-12);
    EXPECT_NEAR(s.x2 + s.y2, 1.1, 1e-12);
    total += length(s);
  }
  EXPECT_NEAR(total, std::sqrt(2), 1e-12);  // from (0, 1.1) to (1, 0.1)
}

TEST(ContourLines, ASaddleGoesAroundTheCornersOnTheOtherSideOfItsMiddle) {
  const std::vector<double> x{0, 1}, y{0, 1};
  Matrix height(2, 2);
  for (const double shift : {-0.1, 0.1}) {
    height(0, 0) = height(1, 1) = 1 + shift;
    height(0, 1) = height(1, 0) = -1 + shift;
    const auto lines = contour_lines(x, y, height, 0);
    ASSERT_EQ(lines.size(), 2u);
    for (const auto& s : lines) {
      // The pieces cut off the low corners where the middle is high, and the other way.
      const double from_low = std::hypot((s.x1 + s.x2) / 2 - 1, (s.y1 + s.y2) / 2);
      const double from_high = std::hypot((s.x1 + s.x2) / 2, (s.y1 + s.y2) / 2);
      const double low =
          std::min(from_low, std::hypot((s.x1 + s.x2) / 2, (s.y1 + s.y2) / 2 - 1));
      const double high =
          std::min(from_high, std::hypot((s.x1 + s.x2) / 2 - 1, (s.y1 + s.y2) / 2 - 1));
      EXPECT_EQ(low < high, shift > 0);
    }
  }
}

TEST(ContourLines, SquaresWithoutNumbersHaveNone) {
  const auto x = ticks(0, 1, 3);
  auto height = table(x, x, [](double a, double) { return a; });
  height(1, 1) = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(contour_lines(x, x, height, 0.3).empty());
}
