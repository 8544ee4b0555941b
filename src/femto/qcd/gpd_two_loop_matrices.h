// The two-loop kernels of generalised parton distributions, as matrices on one grid.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "femto/qcd/gpd_two_loop.h"

namespace femto::qcd {

/// Order of the matrices: quark minus and plus antiquark, then blocks (to, from).
enum class TwoLoop : std::size_t {
  minus,
  plus,
  minus_n,
  plus_n,
  qq_n,
  qg_n,
  gq,
  gq_n,
  gg,
  gg_n,
};

constexpr std::size_t two_loop_count = 10;

/// Integrals of the kernels against every basis function, [matrix][node, x],
/// column-major. `minus` and `plus` are the quarks' matrices at leading order.
std::vector<double> two_loop_matrices(const GpdGrid& grid,
                                      Helicity helicity,
                                      std::span<const double> minus,
                                      std::span<const double> plus);

}  // namespace femto::qcd
