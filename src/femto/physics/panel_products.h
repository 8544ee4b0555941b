// Sums of products of functions of one axis each, given on panels.
#pragma once
#include <array>
#include <cstddef>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/physics/panel_polynomials.h"

namespace femto {

/// F_0 = sum_k a_k0(x) b_k0(y) and, by the product rule, F_r = sum_k a_kr b_k0 + a_k0
/// b_kr: rows of derivatives where a_kr and b_kr are those of the factors.
class PanelProducts {
 public:
  /// factors[k][axis]: [row][node]. There may be none.
  PanelProducts(const std::vector<Panels>& axes,
                const std::vector<std::array<Matrix, 2>>& factors);

  bool empty() const { return terms_ == 0; }

  /// out[i * rows + r] += F_r at position[axis][i], as PanelPolynomials::at.
  void add(std::size_t n,
           const double* const* position,
           std::size_t rows,
           double* out) const;

 private:
  std::size_t terms_ = 0;
  PanelPolynomials factors_[2];  // rows: [group of lanes][term][lane]
};

}  // namespace femto
