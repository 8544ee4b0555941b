// Parameters that no data tell apart, brought to one place.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/pipeline/density.h"
#include "femto/pipeline/parameter_setup.h"

namespace femto::neural {

struct SlicePoint {
  std::vector<double> theta;
  Matrix slope;  // d theta / d (the parameters given): [parameter, parameter]
};

/// The plane through a centre that is orthogonal, in units of the box, to the directions
/// in which the true densities do not change there. Away from the centre those directions
/// bend (a common scale of two amplitudes turns), so that a function of the coordinates
/// in the plane alone would be wrong off the plane. Const and thread-safe.
class Slice {
 public:
  /// information[parameter, parameter] of the data at the centre, true parameters first.
  Slice(std::shared_ptr<const Density> truth,
        const ParameterSetup& setup,
        std::vector<double> centre,
        const Matrix& information);

  /// The point of the plane with the true densities of theta: least Kullback-Leibler
  /// divergence, by Gauss-Newton steps on the quadrature of the density. Nuisance
  /// parameters stay. Nothing where a density cannot be normalised.
  std::optional<SlicePoint> point(std::span<const double> theta) const;

 private:
  std::vector<double> start_of(std::span<const double> truth) const;

  std::shared_ptr<const Density> density_;
  std::vector<double> centre_;  // true parameters
  Matrix axes_;                 // [true parameter, axis] of the plane
  Matrix onto_;                 // [axis, true parameter]
  bool flat_ = false;           // nothing to do
};

}  // namespace femto::neural
