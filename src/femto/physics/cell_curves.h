// Events inside the cells of a regular grid, each axis drawn from a curve of its own, as
// published for LOITS.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "femto/physics/cell_curve.h"
#include "femto/physics/event_loss.h"

namespace femto {

/// A grid of equal cells in one or two axes; points of the curves inside a cell.
struct CellGrid {
  static constexpr std::size_t max_axes = 2;

  std::size_t axes = 0, cells = 0, points = 0;  // cells: per axis
  std::array<double, max_axes> lo{}, hi{};

  std::size_t count() const { return axes == 1 ? cells : cells * cells; }

  /// Position of a cell along an axis; the last axis runs fastest.
  std::size_t along(std::size_t cell, std::size_t axis) const {
    return axes == 1 ? cell : axis == 0 ? cell / cells : cell % cells;
  }

  /// Spacing of the points.
  double step(std::size_t axis) const {
    return (hi[axis] - lo[axis]) / static_cast<double>(cells * (points - 1));
  }

  double lower_edge(std::size_t cell, std::size_t axis) const {
    return lo[axis] + step(axis) * static_cast<double>(along(cell, axis) * (points - 1));
  }
};

/// Where a block of events falls: the lower edge of the cell, the segment of the curve
/// and c at both its ends. Beyond the events there is nothing to read, but vectors are
/// whole.
struct CurveSegments {
  static constexpr std::size_t size = 512;

  // A cache line between arrays: at distances of 4096 bytes stores would hold up loads.
  alignas(64) std::int32_t segment[size + 16] = {};
  alignas(64) double lower[size + 8] = {}, ends[2 * size + 16] = {};
};

/// The curves of all cells at one theta. Inside a segment an event lies at
/// (u - c_t) / (c_{t+1} - c_t + 1e-5), the 1e-5 being part of the published recipe. Const
/// and thread-safe; an event depends on its own cell and uniforms alone.
/// Source: Braga:2025.
class CellCurves {
 public:
  static constexpr std::size_t block = CurveSegments::size;

  /// Fills value[point] of one cell and axis.
  using Values = std::function<void(std::size_t cell, std::size_t axis, double* value)>;
  /// Fills cell[n] and u[axis][n] of events first .. first + n - 1, at most `block`.
  using Inputs = std::function<void(
      std::size_t first, std::size_t n, std::int32_t* cell, double* const* u)>;
  /// Takes slope[point], the derivatives with respect to the values of one curve.
  using Slopes =
      std::function<void(std::size_t cell, std::size_t axis, const double* slope)>;

  CellCurves(const CellGrid& grid, Values values);

  CellCurve curve(std::size_t cell, std::size_t axis) const;

  /// x[axis][n]
  void draw(std::size_t n, const Inputs& inputs, double* const* x) const;

  /// upstream[axis][n] -> slopes of the curves that have events; the cells stay fixed.
  void backward(std::size_t n,
                const Inputs& inputs,
                const double* const* upstream,
                const Slopes& slopes) const;

  /// Both at once, each event located once: shows the events to the loss and pulls its
  /// answer back.
  void draw_and_pull(std::size_t n,
                     const Inputs& inputs,
                     const EventLoss& loss,
                     const Slopes& slopes) const;

 private:
  struct Located;

  bool worth_preparing(std::size_t n) const { return n >= grid_.count(); }

  void prepare() const;
  void fill_row(std::size_t cell, std::size_t axis, double* row) const;
  void locate(bool prepared, std::size_t axis, Located& at) const;
  void pass_on(std::size_t cell,
               std::size_t axis,
               const double* slope,
               const Slopes& slopes) const;
  void locate_all(bool prepared, Located& at) const;
  void place_all(const Located& at, double* const* x) const;
  template <class Answer>
  std::vector<double> curve_slopes(std::size_t begin,
                                   std::size_t end,
                                   const Inputs& inputs,
                                   const Answer& answer) const;
  template <class Answer>
  void pull(std::size_t n,
            const Inputs& inputs,
            const Answer& answer,
            const Slopes& slopes) const;
  template <class Answer, class Use>
  void each_slope(bool prepared,
                  std::size_t begin,
                  std::size_t end,
                  const Inputs& inputs,
                  const Answer& answer,
                  const Use& use) const;

  CellGrid grid_;
  Values values_;
  std::size_t stride_;  // of a row: lower edge, c[0 .. points - 1], twos
  // For many events: the rows of all cells, [cell][axis][stride].
  mutable std::once_flag once_;
  mutable std::vector<double> rows_;
};

}  // namespace femto
