// The inverse mass matrix of Hamiltonian dynamics, dense or diagonal.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "femto/core/matrix.h"

namespace femto::stats {

/// Momenta p have covariance M; velocities are M^-1 p. Sampling is easiest when M^-1 is
/// the covariance of the target. Source: Betancourt:2017 section 4.2.
class Metric {
 public:
  /// M^-1 = covariance [i, j]. Throws NumericalError unless it is positive definite.
  static Metric dense(const Matrix& covariance);

  /// M^-1 = diag(variances). Throws NumericalError unless all are positive.
  static Metric diagonal(std::span<const double> variances);

  std::size_t size() const { return size_; }

  bool is_diagonal() const { return diagonal_; }

  /// M^-1 p.
  std::vector<double> velocity(std::span<const double> p) const;

  /// A momentum with covariance M from independent standard normals.
  std::vector<double> momentum(std::span<const double> normals) const;

  /// M^-1 as a matrix.
  Matrix covariance() const;

 private:
  std::size_t size_ = 0;
  bool diagonal_ = true;
  std::vector<double> variances_;  // of a diagonal one
  Matrix covariance_, root_;       // of a dense one; root_ root_^T = M
};

}  // namespace femto::stats
