// Inversion of a piecewise-linear density: a search and a square root per event.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

namespace femto::cuda {

/// Where an event fell on one axis: cell, local coordinate in [0, 1], density there.
template <class Real>
struct Found {
  std::int64_t cell;
  Real tau, density;
};

/// A row of a table: nodal values (which may lie apart) and their running integral.
template <class Real>
struct Row {
  const Real *values, *integrals;
  std::int64_t stride = 1;  // of values

  constexpr Real value(std::int64_t j) const { return values[j * stride]; }

  constexpr Real integral(std::int64_t j) const { return integrals[j]; }
};

/// Two neighbouring rows mixed: (1 - t) lower + t upper.
template <class Real>
struct MixedRow {
  Row<Real> lower, upper;
  Real t;

  constexpr Real value(std::int64_t j) const {
    return (1 - t) * lower.value(j) + t * upper.value(j);
  }

  constexpr Real integral(std::int64_t j) const {
    return (1 - t) * lower.integral(j) + t * upper.integral(j);
  }
};

/// Inverts the integral of a row with values at the nodes x[0 .. nodes - 1]. The same
/// steps as femto/physics/multilinear.cc; tau = 2 q / (s + R) is stable for equal ends
/// and for ends of zero.
template <class Real, class AnyRow>
constexpr Found<Real> invert_row(const Real* x,
                                 std::int64_t nodes,
                                 const AnyRow& row,
                                 Real u) {
  const std::int64_t last = nodes - 1;
  const Real target = u * row.integral(last);
  std::int64_t low = 0;  // the last node before `last` whose sum is not above the target
  for (std::int64_t length = last; length > 1;) {
    const std::int64_t half = length / 2;
    low += row.integral(low + half) <= target ? half : 0;
    length -= half;
  }
  Real start = row.integral(low);
  while (low > 0 && !(row.integral(low + 1) > start))
    start = row.integral(--low);  // the target was rounded up
  const Real left = row.value(low), right = row.value(low + 1);
  const Real q = (target - start) / (x[low + 1] - x[low]);
  const Real squared = left * left + 2 * (right - left) * q;
  const Real density = std::sqrt(std::max(squared, Real(0)));
  const Real sum = left + density;
  const Real tau = 2 * q / (sum > 0 ? sum : 1);
  return {low, std::min(std::max(tau, Real(0)), Real(1)), density};
}

/// Weight of node j in the trapezoid rule.
template <class Real>
constexpr Real trapezoid_weight(const Real* x, std::int64_t nodes, std::int64_t j) {
  const Real before = j > 0 ? x[j] - x[j - 1] : 0;
  const Real after = j + 1 < nodes ? x[j + 1] - x[j] : 0;
  return Real(0.5) * (before + after);
}

}  // namespace femto::cuda
