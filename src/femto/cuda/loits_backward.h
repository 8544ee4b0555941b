// The reverse pass of LOITS: derivatives with respect to the densities, cells held fixed.
#pragma once
#include "femto/cuda/cell_sums.h"
#include "femto/cuda/loits.h"

namespace femto::cuda {

/// What each event adds to its segment (cell, t) of the curves along one axis: dL/dc at
/// both ends of the segment.
template <class Real>
struct LoitsShares {
  Loits<Real> table;
  Events events;
  int axis = 0;
  const Real* upstream = nullptr;

  constexpr Share<Real, 2> operator()(std::int64_t set, std::int64_t event) const {
    const std::int64_t i = set * events.per_set + event;
    const Real u = events.uniforms<Real>(i)[static_cast<std::size_t>(axis)];
    const auto cell = table.cell_of(set, events.uniforms<Real>(i, 1)[0]);
    const auto at = table.segment(set, cell, axis, u);
    const Real both = -upstream[i] * table.step(axis) / at.rise;
    const Real high = both * at.part;
    return {cell * (table.points - 1) + at.index, {both - high, high}};
  }
};

/// slope[set][cell][point], dL/d(value of a curve), through the norm and the running
/// integral of the curve. A curve without integral has none.
template <class Real>
struct LoitsCurveSlopes {
  static constexpr const char* name = "loits_curve_slopes";
  static constexpr int threads = 128;

  Loits<Real> table;
  int axis = 0;
  std::int64_t sets = 0, parts = 1;
  const Real* sums = nullptr;  // [set][part][cell][segment][2], in part 0
  Real* slope = nullptr;

  std::int64_t blocks() const { return ceil_div(sets * table.all_cells(), threads); }

  std::size_t shared_bytes() const { return 0; }

  template <class Team>
  constexpr void operator()(const Team& team, const Block& block) const {
    const std::int64_t cells = table.all_cells();
    each_index<threads>(team, block, sets * cells, [&](std::int64_t at) {
      const std::int64_t set = at / cells, cell = at % cells;
      const int k = table.points - 1;
      const Real* from = sums + (set * parts * cells + cell) * k * 2;
      Real* out = slope + at * table.points;
      const auto trapezoid = [&](int t) {
        return Real(0.5) * (table.curve_value(set, cell, axis, t) +
                            table.curve_value(set, cell, axis, t + 1));
      };
      // c[t] = (sum of the trapezoids before t) / total
      Real total = 0, common = 0;
      for (int t = 0; t < k; ++t) {
        common -= from[2 * t] * total;
        total += trapezoid(t);
        common -= from[2 * t + 1] * total;
      }
      const bool empty = !(total > 0);
      common = empty ? 0 : common / (total * total);
      Real later = 0, after = 0;  // dL/d(trapezoid t) is common + later
      for (int t = k - 1; t >= 0; --t) {
        later += empty ? 0 : from[2 * t + 1] / total;
        const Real here = common + later;
        out[t + 1] = Real(0.5) * (here + after);
        later += empty ? 0 : from[2 * t] / total;
        after = here;
      }
      out[0] = Real(0.5) * after;
    });
  }
};

/// slope[set][point of curve[grid]]: what the curves that a point belongs to say of it.
template <class Real>
struct LoitsPointSlopes {
  static constexpr const char* name = "loits_point_slopes";
  static constexpr int threads = 128;

  Loits<Real> table;
  int grid = 0;
  std::int64_t sets = 0;
  std::array<const Real*, 2> curves{};  // [axis]: [set][cell][point]
  Real* slope = nullptr;

  std::int64_t blocks() const { return ceil_div(sets * table.curve_size(), threads); }

  std::size_t shared_bytes() const { return 0; }

  template <class Team>
  constexpr void operator()(const Team& team, const Block& block) const {
    const std::int64_t size = table.curve_size();
    each_index<threads>(team, block, sets * size, [&](std::int64_t at) {
      const std::int64_t set = at / size, point = at % size;
      slope[at] = table.variant == LoitsVariant::lite ? of_fine_point(set, point)
                                                      : of_node(set, point);
    });
  }

  /// A cell's curve along an axis; null outside the grid.
  constexpr const Real* curve(std::int64_t set,
                              std::int64_t i,
                              std::int64_t j,
                              int axis) const {
    const std::int64_t n = table.cells;
    if (i < 0 || i >= n || j < 0 || j >= (table.axes == 1 ? 1 : n)) return nullptr;
    const std::int64_t cell = table.axes == 1 ? i : i * n + j;
    return curves[static_cast<std::size_t>(axis)] +
           (set * table.all_cells() + cell) * table.points;
  }

  /// Lite: the point of one curve, or the end of one and the beginning of the next.
  constexpr Real of_fine_point(std::int64_t set, std::int64_t point) const {
    const int k = table.points - 1;
    const std::int64_t fine = table.cells * k + 1;
    const bool second = grid == 1;
    const std::int64_t across =
        table.axes == 1 ? 0 : (second ? point / fine : point % table.nodes());
    const std::int64_t along =
        table.axes == 1 ? point : (second ? point % fine : point / table.nodes());
    const std::int64_t cell = along / k, t = along % k;
    const auto of = [&](std::int64_t c) {
      return second ? curve(set, across, c, 1) : curve(set, c, across, 0);
    };
    Real sum = 0;
    if (const Real* begins = of(cell)) sum += begins[t];
    if (t > 0) return sum;
    if (const Real* ends = of(cell - 1)) sum += ends[k];
    return sum;
  }

  /// Corner: a node takes part, linearly, in the curves of the cells around it.
  constexpr Real of_node(std::int64_t set, std::int64_t point) const {
    const int k = table.points - 1;
    const bool two = table.axes == 2;
    const std::int64_t i = two ? point / table.nodes() : point;
    const std::int64_t j = two ? point % table.nodes() : 0;
    Real sum = 0;
    for (int axis = 0; axis < table.axes; ++axis)
      for (int di = 0; di < 2; ++di)
        for (int dj = 0; dj < (two ? 2 : 1); ++dj) {
          const Real* from = curve(set, i - di, j - dj, axis);
          if (!from) continue;
          const bool upper = axis == 0 ? di == 1 : dj == 1;
          for (int t = 0; t <= k; ++t) {
            const Real high = static_cast<Real>(t) / static_cast<Real>(k);
            sum += (upper ? high : 1 - high) * from[t];
          }
        }
    return two ? Real(0.5) * sum : sum;
  }
};

/// Numbers of scratch memory that backward() needs.
template <class Real>
std::int64_t scratch_size(const Loits<Real>& table, const Events& e) {
  const auto sums = parts_of(e.sets, e.per_set) * (table.points - 1) * 2;
  return e.sets * table.all_cells() * (sums + table.axes * table.points);
}

/// upstream[axis][set][event] -> slope[grid], of the shape of table.curve[grid]: lite,
/// one for each axis; corner, one. The weights of the cells carry no derivative, as
/// published. Needs prepare().
template <class Real, class Where>
void backward(const Loits<Real>& table,
              const Events& e,
              std::array<const Real*, 2> upstream,
              Real* scratch,
              std::array<Real*, 2> slope,
              Where where) {
  const auto parts = parts_of(e.sets, e.per_set);
  const auto cells = table.all_cells(), slots = cells * (table.points - 1);
  std::array<const Real*, 2> curves{};
  Real* free = scratch + e.sets * parts * slots * 2;
  for (int a = 0; a < table.axes; ++a) {
    const auto axis = static_cast<std::size_t>(a);
    curves[axis] = free;
    launch(
        SumByCell<Real, 2, LoitsShares<Real>>{
            {table, e, a, upstream[axis]}, e.sets, e.per_set, slots, parts, scratch},
        where);
    if (parts > 1)
      launch(
          FoldParts<Real>{e.sets, parts, slots * 2, scratch, scratch, parts * slots * 2},
          where);
    launch(LoitsCurveSlopes<Real>{table, a, e.sets, parts, scratch, free}, where);
    free += e.sets * cells * table.points;
  }
  const int grids = table.variant == LoitsVariant::lite ? table.axes : 1;
  for (int g = 0; g < grids; ++g)
    launch(
        LoitsPointSlopes<Real>{
            table, g, e.sets, curves, slope[static_cast<std::size_t>(g)]},
        where);
}

}  // namespace femto::cuda
