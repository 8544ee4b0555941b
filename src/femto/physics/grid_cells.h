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
  double whole = 0, left = 0, right = 0;

  void add(double lambda, double tau) {
    whole += lambda;
    left += lambda * (tau - 0.5 * tau * tau);
    right += lambda * 0.5 * tau * tau;
  }
};

/// Weight of node j in the trapezoid rule.
inline double trapezoid_weight(std::span<const double> nodes, std::size_t j) {
  const double before = j > 0 ? nodes[j] - nodes[j - 1] : 0;
  const double after = j + 1 < nodes.size() ? nodes[j + 1] - nodes[j] : 0;
  return 0.5 * (before + after);
}

/// Derivatives with respect to the nodal values of one row: slope[node] += sum over
/// events of lambda (u dZ - dG). `scaled_u` is the sum of lambda u; sums: [cell].
inline void add_node_slopes(std::span<const double> nodes,
                            double scaled_u,
                            const CellSums* sums,
                            double* slope) {
  const std::size_t cells = nodes.size() - 1;
  double later = 0;  // sum of lambda over cells to the right of the one at hand
  for (std::size_t k = cells; k-- > 0;) {
    const double h = nodes[k + 1] - nodes[k];
    slope[k + 1] -= h * (0.5 * later + sums[k].right);
    slope[k] -= h * (0.5 * later + sums[k].left);
    later += sums[k].whole;
  }
  for (std::size_t j = 0; j <= cells; ++j)
    slope[j] += scaled_u * trapezoid_weight(nodes, j);
}

}  // namespace femto
