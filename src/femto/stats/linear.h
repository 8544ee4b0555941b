// Linear algebra on small dense symmetric matrices: spectra, solves, pseudo-inverses.
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "femto/core/matrix.h"

namespace femto::stats {

/// Eigenvalues, ascending, and unit eigenvectors of a symmetric matrix.
struct Spectrum {
  std::vector<double> values;  // [k]
  Matrix vectors;              // [i, k]: column k belongs to values[k]
};

/// Only the lower triangle of `a` is read. Throws NumericalError if `a` is not finite.
Spectrum eigen_symmetric(const Matrix& a);

/// x with a x = b for a positive definite; nothing if `a` is not.
std::optional<std::vector<double>> cholesky_solve(const Matrix& a,
                                                  std::span<const double> b);

/// The inverse of a positive definite matrix; nothing if it is not.
std::optional<Matrix> cholesky_inverse(const Matrix& a);

/// The Moore-Penrose inverse of a symmetric positive semi-definite matrix.
struct PseudoInverse {
  Matrix inverse;
  int rank = 0;
};

/// Eigenvalues below tolerance * largest count as zero. Source: Golub:2013 section 5.5.2.
PseudoInverse pseudo_inverse(const Matrix& a, double tolerance = 1e-10);

/// Number of eigenvalues above tolerance * largest.
int rank(const Matrix& a, double tolerance = 1e-10);

/// Orthonormal basis of the directions d with a d = 0: [i, null direction].
Matrix null_space(const Matrix& a, double tolerance = 1e-10);

/// Information on the coordinates `keep` when all others are profiled out:
/// A_kk - A_kr A_rr^+ A_rk, with the pseudo-inverse where A_rr is singular.
Matrix reduced_information(const Matrix& a,
                           std::span<const std::size_t> keep,
                           double tolerance = 1e-10);

/// The rows and columns `keep` of a square matrix.
Matrix submatrix(const Matrix& a, std::span<const std::size_t> keep);

Matrix multiply(const Matrix& a, const Matrix& b);
std::vector<double> multiply(const Matrix& a, std::span<const double> x);
Matrix transpose(const Matrix& a);
Matrix identity(std::size_t n);

/// x^T a y.
double bilinear(std::span<const double> x, const Matrix& a, std::span<const double> y);
double dot(std::span<const double> x, std::span<const double> y);

/// a += factor * x x^T.
void add_outer(Matrix& a, double factor, std::span<const double> x);

/// a += factor * b, of the same shape.
void add(Matrix& a, double factor, const Matrix& b);

}  // namespace femto::stats
