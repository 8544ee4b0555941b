// The minimum of a convex quadratic function in a box, also on a plane through the box.
#pragma once
#include <span>
#include <vector>

#include "femto/core/matrix.h"

namespace femto::stats {

/// g·s + s^T b s / 2 with b positive definite, for lo <= s <= hi where lo <= 0 <= hi.
struct BoxQuadratic {
  Matrix b;
  std::vector<double> g, lo, hi;

  double value(std::span<const double> s) const;
};

/// The minimum, by a primal active-set method. Source: Nocedal:2006 section 16.5.
std::vector<double> minimum_in_box(const BoxQuadratic& q);

/// The minimum with a·s = target, or as near to it as the box allows.
struct PlaneStep {
  std::vector<double> s;
  double multiplier = 0;  // of a·s - target in the Lagrangian
};

/// Finds the multiplier by the root of a piecewise linear, falling function.
PlaneStep minimum_on_plane(const BoxQuadratic& q,
                           std::span<const double> a,
                           double target);

}  // namespace femto::stats
