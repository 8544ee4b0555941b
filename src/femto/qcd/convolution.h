// Functions of z convoluted with densities, as matrices on a grid in x.
#pragma once
#include <functional>
#include <span>
#include <vector>

#include "femto/qcd/x_grid.h"

namespace femto::qcd {

/// The singular part of K: (plus + log_plus ln(1 - z))/(1 - z) is what keeps K from being
/// integrable at z = 1. It stands for plus [1/(1 - z)]_+ + log_plus [ln(1 - z)/(1 -
/// z)]_+, and delta delta(1 - z) is added.
struct Singular {
  double plus = 0, delta = 0, log_plus = 0;
};

/// Values of several functions at 0 < z < 1. `one_minus_z` is given besides z because
/// differences lose digits where it is small.
using KernelValues =
    std::function<void(double z, double one_minus_z, std::span<double> values)>;

/// Matrices M [function, x, node] with sum_j M(i, j) F(x_j) = x (K (x) f)(x_i) for the
/// momentum density F = x f. Rows are spread over threads.
std::vector<double> convolution_matrices(const XGrid& grid,
                                         std::span<const Singular> singular,
                                         const KernelValues& values);

/// The orders of quadrature in use, for the key of what is kept on disk.
std::string convolution_description();

}  // namespace femto::qcd
