// The information matrix taken apart: what it determines, what it does not, and its
// inverse.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "femto/core/matrix.h"

namespace femto {

/// Rank is decided on the matrix scaled to unit diagonal, so it does not depend on the
/// units of the parameters. All vectors are in the parameter basis.
struct Spectrum {
  std::vector<std::size_t> free;    // indices of the parameters that may move
  std::size_t rank = 0;             // of the information of the free parameters
  std::vector<double> eigenvalues;  // [free], ascending, null ones exactly 0
  Matrix null;                      // [null direction, parameter], rows of unit length
  Matrix factor;                    // [parameter, rank]: inverse = factor factor^T
  Matrix inverse;                   // [parameter, parameter], generalised inverse
  std::vector<double> scale;        // [parameter] that makes the diagonal one
};

/// information: [parameter, parameter], positive semi-definite; rows of fixed parameters
/// are ignored. Eigenvalues below `tolerance` times the largest count as null.
Spectrum spectrum(const Matrix& information,
                  const std::vector<bool>& fixed,
                  double tolerance = 1e-13);

/// True if a quantity with this gradient [parameter] does not change along any null
/// direction.
bool estimable(const Spectrum& spectrum, std::span<const double> gradient);

/// True if some null direction moves parameter j.
bool touched(const Spectrum& spectrum, std::size_t j);

/// sqrt(g^T A g), 0 if rounding makes it negative.
double deviation(const Matrix& a, std::span<const double> g);

}  // namespace femto
