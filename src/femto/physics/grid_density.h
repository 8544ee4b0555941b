// Densities given by their values at grid nodes, linear in between: exact inversion of
// their integral, and its exact derivative.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "femto/physics/event_loss.h"

namespace femto {

/// Nodes of every axis, ascending: [axis][node].
using GridNodes = std::vector<std::vector<double>>;

/// Fills u[axis][n] with the uniforms of events first .. first + n - 1 of a draw.
using Uniforms = std::function<void(std::size_t first, std::size_t n, double* const* u)>;

/// A multilinear density on a rectilinear grid. Events come from uniforms by inverting
/// one axis after the other (Rosenblatt's transformation). Thread-safe but for `assign`;
/// an event depends on its own uniforms alone. Source: Rosenblatt:1952.
class GridDensity {
 public:
  virtual ~GridDensity() = default;

  /// The density with other values at the same nodes, in the same memory. Nobody else may
  /// use it meanwhile.
  virtual void assign(std::span<const double> values) = 0;

  /// Integral over the grid: the trapezoid rule, exact for this density.
  virtual double integral() const = 0;

  /// The values that it was made from: [node].
  virtual std::span<const double> values() const = 0;

  /// u[axis][n] in (0, 1) -> x[axis][n].
  virtual void draw(std::size_t n, const double* const* u, double* const* x) const = 0;

  /// Adds upstream^T dx/d(value) to value_slope[node] (row-major over the axes), where
  /// upstream[axis][n] belongs to the events that draw gives for these uniforms, which
  /// are asked for in blocks. O(n + nodes).
  virtual void backward(std::size_t n,
                        const Uniforms& uniforms,
                        const double* const* upstream,
                        double* value_slope) const = 0;

  /// Both at once, each event inverted once: draws the events of these uniforms, shows
  /// them to the loss block by block and pulls its answer back as `backward` does.
  virtual void draw_and_pull(std::size_t n,
                             const Uniforms& uniforms,
                             const EventLoss& loss,
                             double* value_slope) const = 0;

  /// Normalised density: x[axis][n] -> q[n]; zero outside the grid.
  virtual void density(std::size_t n, const double* const* x, double* q) const = 0;
};

/// values: [node of axis 0][node of axis 1]..., not negative and not all zero. `nodes`
/// must outlive the result. One axis gets the fast implementation.
std::unique_ptr<GridDensity> make_grid_density(const GridNodes& nodes,
                                               std::vector<double> values);

}  // namespace femto
