// A box of parameters as unconstrained coordinates: the logistic map and its Jacobian.
#pragma once
#include <span>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/stats/minimise.h"
#include "femto/stats/nuts.h"

namespace femto::stats {

/// theta_j = lo + (hi - lo) / (1 + exp(-z_k)) for the free parameters j in order; fixed
/// ones keep the value of `base`. A density that is flat in the box becomes the logistic
/// density in z.
class BoxMap {
 public:
  BoxMap(std::vector<Bound> box, std::span<const double> base);

  /// Number of unconstrained coordinates.
  std::size_t size() const { return free_.size(); }

  /// z [coordinate] -> theta [parameter].
  std::vector<double> theta(std::span<const double> z) const;

  /// theta [parameter] -> z; what lies within 0.1 % of an edge is moved inside.
  std::vector<double> z(std::span<const double> theta) const;

  /// ln of the density of z that has exp(-f(theta)) and a flat prior in the box.
  LogDensity density(const Function& f) const;

  /// Minus the second derivative of that, from the curvature [parameter, parameter] of f:
  /// positive definite where the curvature is not negative.
  Matrix curvature(std::span<const double> z, const Matrix& of_f) const;

 private:
  std::vector<Bound> box_;
  std::vector<double> base_;
  std::vector<std::size_t> free_;
};

}  // namespace femto::stats
