// Lines of equal height through a table of numbers on a grid.
#pragma once
#include <span>
#include <vector>

#include "femto/core/matrix.h"

namespace femto::stats {

/// A straight piece of a line.
struct Segment {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
};

/// Marching squares: height [y, x] is linear along the sides of each square of the grid.
/// A saddle is cut by the mean of its corners. Squares with a corner that is not finite
/// have no line.
std::vector<Segment> contour_lines(std::span<const double> x,
                                   std::span<const double> y,
                                   const Matrix& height,
                                   double level);

}  // namespace femto::stats
