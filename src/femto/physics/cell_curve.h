// A density along one axis inside one cell, given at equally spaced points.
#pragma once
#include <array>
#include <cstddef>

namespace femto {

/// The curve and its normalised running integral c (trapezoids; c[0] = 0, c[last] = 1).
/// Source: Braga:2025.
struct CellCurve {
  static constexpr std::size_t max_points = 64;

  std::array<double, max_points> value{}, c{};
  double total = 0;  // trapezoids, in units of the spacing

  void integrate(std::size_t points) {
    c[0] = 0;
    for (std::size_t t = 0; t + 1 < points; ++t)
      c[t + 1] = c[t] + 0.5 * (value[t] + value[t + 1]);
    total = c[points - 1];
    for (std::size_t t = 1; t < points; ++t)
      c[t] = total > 0 ? c[t] / total
                       : static_cast<double>(t) / static_cast<double>(points - 1);
  }

  /// dL/d value[t] from dL/d c[t], by the quotient rule. Needs total > 0.
  std::array<double, max_points> backward(std::size_t points, const double* slope) const {
    double mean = 0, later = 0;  // later: sum of the slopes after a trapezoid
    for (std::size_t t = 1; t < points; ++t) mean += slope[t] * c[t];
    std::array<double, max_points> out{};
    for (std::size_t t = points - 1; t-- > 0;) {
      later += slope[t + 1];
      const double trapezoid = 0.5 * (later - mean) / total;
      out[t] = trapezoid;
      out[t + 1] += trapezoid;
    }
    return out;
  }
};

}  // namespace femto
