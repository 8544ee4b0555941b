// Several functions given at the nodes of panels, between them as polynomials.
#pragma once
#include <cstddef>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/physics/panels.h"

namespace femto {

/// Functions (rows) on one axis of panels, or on the tensor product of two.
class PanelPolynomials {
 public:
  /// Rows are computed eight at a time.
  static constexpr std::size_t lanes = 8;

  PanelPolynomials() = default;

  /// values: [row][node], the last axis fastest.
  PanelPolynomials(const std::vector<Panels>& axes, const Matrix& values);

  /// out[i * rows + r] = row r at position[axis][i] (as Panels::position gives them) for
  /// the first `rows` rows, a multiple of lanes.
  void at(std::size_t n,
          const double* const* position,
          std::size_t rows,
          double* out) const;

 private:
  std::size_t axes_ = 0;
  std::size_t stride_ = 0;  // rows rounded up to whole lanes
  std::size_t panels_[2] = {1, 1};
  std::vector<double> coefficients_;  // [panel][power of each axis][row]
};

}  // namespace femto
