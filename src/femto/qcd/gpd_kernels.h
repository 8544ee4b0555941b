// Evolution kernels of generalised parton distributions, as matrices.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "femto/qcd/generators.h"
#include "femto/qcd/gpd_grid.h"

namespace femto::qcd {

/// Helicity-independent distributions (H, E) and helicity-dependent ones (H~, E~).
enum class Helicity { vector, axial };

/// Matrices with d H/d ln mu2 = (a K0 + a^2 K1) H, a = alpha_s/(2 pi), on the nodes 0 < x
/// < 1 of one grid, for any number of flavours. Quark plus antiquark is H(x) - H(-x) for
/// vector and H(x) + H(-x) for axial distributions; the gluon's forward limit is x g(x).
///
/// Source: Belitsky:2000 (kernels); Freese:2025 (as matrices). The quarks' kernel is one
/// for both helicities at leading order, taken between odd or between even functions of
/// x; at next-to-leading order there is one for odd and one for even functions.
class GpdKernels {
 public:
  /// Integrates every kernel against every basis function.
  static GpdKernels build(const GpdGrid& grid,
                          Helicity helicity,
                          Order order = Order::lo);

  Order order() const { return next_.empty() ? Order::lo : Order::nlo; }

  /// K0 with this number of flavours.
  Family family(int flavours) const;

  /// K1, if it was built.
  Family next_family(int flavours) const;

  /// What generates evolution with this number of flavours.
  Generators generators(int flavours) const;

  static std::string description(const GpdGrid& grid, Helicity helicity, Order order);

 private:
  GpdKernels(std::size_t nodes, std::vector<double> leading, std::vector<double> next);

  std::size_t nodes_;
  std::vector<double> leading_, next_;  // [matrix][node, x], column-major
};

}  // namespace femto::qcd
