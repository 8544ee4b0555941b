#include "femto/stats/contour_lines.h"

#include <array>
#include <cmath>

namespace femto::stats {

namespace {

struct Corner {
  double x, y, height;
};

struct Point {
  double x, y;
};

Point between(const Corner& a, const Corner& b, double level) {
  const double t = (level - a.height) / (b.height - a.height);
  return {std::lerp(a.x, b.x, t), std::lerp(a.y, b.y, t)};
}

/// Corners in order around the square.
void cut(const std::array<Corner, 4>& corner, double level, std::vector<Segment>& out) {
  double sum = 0;
  for (const auto& c : corner) sum += c.height;
  if (!std::isfinite(sum)) return;
  std::array<Point, 4> met{};
  std::size_t n = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& a = corner[i];
    const auto& b = corner[(i + 1) % 4];
    if ((a.height < level) != (b.height < level)) met[n++] = between(a, b, level);
  }
  if (n < 2) return;
  // A saddle meets all four sides: the pieces go around the corners that differ from the
  // middle.
  const bool around_first = n == 4 && (corner[0].height < level) != (sum / 4 < level);
  const std::size_t first = around_first ? 3 : 0;
  for (std::size_t i = 0; i + 1 < n; i += 2) {
    const Point& a = met[(first + i) % n];
    const Point& b = met[(first + i + 1) % n];
    out.push_back({a.x, a.y, b.x, b.y});
  }
}

}  // namespace

std::vector<Segment> contour_lines(std::span<const double> x,
                                   std::span<const double> y,
                                   const Matrix& height,
                                   double level) {
  std::vector<Segment> out;
  const auto corner = [&](std::size_t j, std::size_t i) {
    return Corner{x[i], y[j], height(j, i)};
  };
  for (std::size_t j = 0; j + 1 < y.size(); ++j)
    for (std::size_t i = 0; i + 1 < x.size(); ++i)
      cut({corner(j, i), corner(j, i + 1), corner(j + 1, i + 1), corner(j + 1, i)},
          level,
          out);
  return out;
}

}  // namespace femto::stats
