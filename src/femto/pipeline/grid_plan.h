// A sampler's plan that other machines can follow: densities by their values on grids.
#pragma once
#include <span>
#include <variant>

#include "femto/physics/grid_density.h"
#include "femto/pipeline/loits_grid.h"
#include "femto/pipeline/sampler.h"

namespace femto {

/// The exact inverse of a multilinear density (GridDensity); the last axis of its values
/// runs fastest.
struct MultilinearScheme {
  GridNodes nodes;  // [axis][node], ascending
};

/// LOITS whose events draw their cells independently; values as LoitsGrid has them.
struct LoitsScheme {
  LoitsVariant variant = LoitsVariant::lite;
  CellGrid cells;
};

/// How values on a grid and the uniforms of fill_uniforms become events; empty if there
/// are no kernels for it.
using GridScheme = std::variant<std::monostate, MultilinearScheme, LoitsScheme>;

/// A plan whose events follow from values of the densities alone: who has kernels for its
/// scheme needs nothing else. Const and thread-safe.
class GridPlan : public SamplerPlan {
 public:
  /// Makes a table that `at` gave what `at` would give for another theta, in the same
  /// memory where possible. Nobody else may use the table meanwhile.
  virtual void move(SamplerTable& table, std::span<const double> theta) const = 0;

  virtual GridScheme scheme(std::size_t channel) const = 0;

  /// Number of values of one channel.
  virtual std::size_t size(std::size_t channel) const = 0;

  /// value[size] = sigma / largest sigma. Throws NumericalError if they are not finite.
  virtual void values(std::size_t channel,
                      std::span<const double> theta,
                      std::span<double> value) const = 0;

  /// Adds dL/d(theta_p) to slope[parameter]; weighted[size] = value * dL/d(value).
  virtual void add_slopes(std::size_t channel,
                          std::span<const double> theta,
                          std::span<const double> weighted,
                          double* slope) const = 0;

 protected:
  /// Throws NumericalError if a value is not finite.
  static void check_finite(std::span<const double> value);
};

}  // namespace femto
