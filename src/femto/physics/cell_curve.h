// A density inside one cell, given at equally spaced points, sampled as published for
// LOITS.
#pragma once
#include <array>
#include <cstddef>

namespace femto {

/// The curve and its normalised running integral c (trapezoids; c[0] = 0, c[last] = 1).
/// Source: Braga:2025.
struct CellCurve {
  static constexpr std::size_t max_points = 64;

  std::array<double, max_points> value, c;
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

  /// The last segment that starts at or below u.
  std::size_t segment(std::size_t points, double u) const {
    std::size_t t = 0;
    while (t + 2 < points && c[t + 1] <= u) ++t;
    return t;
  }

  /// Rise of c over a segment; the 1e-5 is part of the published recipe.
  double rise(std::size_t t) const { return c[t + 1] - c[t] + 1e-5; }

  /// Where u falls, in units of the spacing.
  double place(std::size_t points, double u) const {
    const auto t = segment(points, u);
    return static_cast<double>(t) + (u - c[t]) / rise(t);
  }

  /// upstream * d place / d value[t]. Needs total > 0.
  std::array<double, max_points> backward(std::size_t points,
                                          double u,
                                          double upstream) const {
    const auto s = segment(points, u);
    const double d = rise(s);
    const double high = -upstream * (u - c[s]) / (d * d), low = -upstream / d - high;
    // c[t] = (sum of the trapezoids before t) / total
    const double common = -(low * c[s] + high * c[s + 1]) / total;
    std::array<double, max_points> out{};
    for (std::size_t t = 0; t + 1 < points; ++t) {
      double trapezoid = common;
      if (t < s) trapezoid += low / total;
      if (t < s + 1) trapezoid += high / total;
      out[t] += 0.5 * trapezoid;
      out[t + 1] += 0.5 * trapezoid;
    }
    return out;
  }
};

}  // namespace femto
