// A sampler's plan that other machines can follow: densities by their values on grids.
#pragma once
#include <span>

#include "femto/physics/grid_density.h"
#include "femto/pipeline/sampler.h"

namespace femto {

/// A plan whose events are the exact inverse of a multilinear density (GridDensity) with
/// the uniforms of fill_uniforms. Who has kernels for such densities needs the nodal
/// values alone. Const and thread-safe.
class GridPlan : public SamplerPlan {
 public:
  /// [axis][node], ascending; valid as long as the plan.
  virtual const GridNodes& nodes(std::size_t channel) const = 0;

  /// value[node] = sigma / largest sigma, the last axis fastest. Throws NumericalError if
  /// they are not finite.
  virtual void values(std::size_t channel,
                      std::span<const double> theta,
                      std::span<double> value) const = 0;

  /// Adds dL/d(theta_p) to slope[parameter]; weighted[node] = value * dL/d(value).
  virtual void add_slopes(std::size_t channel,
                          std::span<const double> theta,
                          std::span<const double> weighted,
                          double* slope) const = 0;
};

}  // namespace femto
