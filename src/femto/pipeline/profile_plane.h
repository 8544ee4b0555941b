// The profile likelihood of two quantities together.
#pragma once
#include <functional>
#include <utility>
#include <vector>

#include "femto/pipeline/intervals.h"

namespace femto {

struct PlaneOptions {
  int points = 31;  // along each quantity
  std::function<void(std::size_t done, std::size_t all)> progress;
};

/// 2 Delta f on a grid, everything else fitted at each of its points.
struct ProfilePlane {
  std::vector<double> x, y;  // ascending
  Matrix rise;               // [y, x]; infinite where the fit did not reach the point
};

/// A quantity and, if it is a parameter, its index.
struct PlaneAxis {
  Quantity quantity;
  int parameter = -1;
  Interval range;  // of the grid
};

/// Of two axes one at least is a parameter. Every row starts where the last one passed
/// the middle, and every point where its neighbour ended, so valleys are followed; the
/// modes of the problem are tried too.
ProfilePlane profile_plane(const IntervalProblem& problem,
                           const PlaneAxis& x,
                           const PlaneAxis& y,
                           const PlaneOptions& options);

}  // namespace femto
