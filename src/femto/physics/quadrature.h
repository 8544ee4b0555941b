// Gauss-Legendre quadrature, plain and composite.
#pragma once
#include <cstddef>
#include <vector>

namespace femto {

/// Nodes in ascending order and their weights: int f = sum_i weight_i f(x_i).
struct QuadratureRule {
  std::vector<double> x, weight;
};

/// `order` points on [-1, 1], exact for polynomials of degree 2 order - 1. Nodes and
/// weights are correct to the last bit or two.
/// Source: DLMF section 3.5(v).
QuadratureRule gauss_legendre(std::size_t order);

/// The same rule on each of `segments` equal parts of [lo, hi].
QuadratureRule composite_gauss_legendre(double lo,
                                        double hi,
                                        std::size_t segments,
                                        std::size_t order = 10);

}  // namespace femto
