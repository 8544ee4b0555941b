// Evolution kernels of generalised parton distributions at leading order, as matrices.
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

/// Matrices K with d H/d ln mu2 = alpha_s/(2 pi) K H on the nodes 0 < x < 1 of one grid,
/// for any number of flavours. Quark plus antiquark is H(x) - H(-x) for vector and H(x) +
/// H(-x) for axial distributions; the gluon's forward limit is x g(x).
///
/// Source: Belitsky:2000 (kernels); Freese:2025 (as matrices). The quarks' kernel is one
/// for both helicities, taken between odd or between even functions of x.
class GpdKernels {
 public:
  /// Integrates every kernel against every basis function.
  static GpdKernels build(const GpdGrid& grid, Helicity helicity);

  /// From numbers() of the same grid and helicity.
  GpdKernels(std::size_t nodes, std::vector<double> numbers);

  /// What generates evolution with this number of flavours.
  Family family(int flavours) const;

  /// All matrices one after the other, to be kept on disk.
  const std::vector<double>& numbers() const { return numbers_; }

  static constexpr std::size_t matrices = 5;  // minus, plus, qg / n_f, gq, gg

  static std::string description(const GpdGrid& grid, Helicity helicity);

 private:
  std::size_t nodes_;
  std::vector<double> numbers_;  // [matrix][node, x], column-major
};

}  // namespace femto::qcd
