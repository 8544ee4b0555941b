// The cell of a piecewise-linear density: inversion inside it, and its part of the
// derivative.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

namespace femto {

/// Where inside a cell the integral reaches q * (cell width): local coordinate in [0, 1]
/// and the density there. Stable for equal ends and for ends of zero.
struct CellPoint {
  double tau, density;
};

/// left, right: densities at the cell's ends; q: integral from the left end divided by
/// the cell's width.
inline CellPoint invert_cell(double left, double right, double q) {
  const double squared = left * left + 2 * (right - left) * q;
  const double density = std::sqrt(std::max(squared, 0.0));
  const double sum = left + density;
  const double tau = 2 * q / (sum > 0 ? sum : 1);
  return {std::min(std::max(tau, 0.0), 1.0), density};
}

/// Sums over the events of one cell from which node derivatives follow.
struct CellSums {
  double whole = 0;     // of lambda
  double left = 0;      // of lambda (tau - tau^2 / 2)
  double right = 0;     // of lambda tau^2 / 2
  double scaled_u = 0;  // of lambda u

  void add(double lambda, double tau, double u) {
    const double part[] = {
        lambda, lambda * (tau - 0.5 * tau * tau), lambda * 0.5 * tau * tau, lambda * u};
    add(part);
  }

  /// One event's part of each sum, in their order.
  void add(const double* part) {
    whole += part[0];
    left += part[1];
    right += part[2];
    scaled_u += part[3];
  }
};

/// Weight of node j in the trapezoid rule.
inline double trapezoid_weight(std::span<const double> nodes, std::size_t j) {
  const double before = j > 0 ? nodes[j] - nodes[j - 1] : 0;
  const double after = j + 1 < nodes.size() ? nodes[j + 1] - nodes[j] : 0;
  return 0.5 * (before + after);
}

/// Derivatives with respect to the nodal values of one row: slope[node] += sum over
/// events of lambda (u dZ - dG). sums: [cell].
inline void add_node_slopes(std::span<const double> nodes,
                            const CellSums* sums,
                            double* slope) {
  const std::size_t cells = nodes.size() - 1;
  double later = 0;  // sum of lambda over cells to the right of the one at hand
  double scaled_u = 0;
  for (std::size_t k = cells; k-- > 0;) {
    const double h = nodes[k + 1] - nodes[k];
    slope[k + 1] -= h * (0.5 * later + sums[k].right);
    slope[k] -= h * (0.5 * later + sums[k].left);
    later += sums[k].whole;
    scaled_u += sums[k].scaled_u;
  }
  for (std::size_t k = 0; k < cells; ++k) {
    const double weight = 0.5 * (nodes[k + 1] - nodes[k]);
    slope[k] += scaled_u * weight;
    slope[k + 1] += scaled_u * weight;
  }
}

}  // namespace femto
