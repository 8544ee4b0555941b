// LOITS as published, many sets at once: for comparison with the exact samplers only.
#pragma once
#include "femto/cuda/piecewise_linear.h"

namespace femto::cuda {

enum class LoitsVariant { lite, corner };

/// Equal cells on one or two axes, with the curves of the published recipe in each: the
/// mathematics of femto/physics/cell_curve.h and modules/sampler/loits.cc. Densities need
/// no norm. With `fine` = cells (points - 1) + 1 and `nodes` = cells + 1:
///
///     lite, one axis    curve[0][set][fine]
///     lite, two axes    curve[0][set][fine][nodes], curve[1][set][nodes][fine]
///     corner            curve[0][set][nodes] or [set][nodes][nodes]
///     middle (lite)     [set][cell]: density at the middles of the cells
///
/// Source: Braga:2025.
template <class Real>
struct Loits {
  LoitsVariant variant = LoitsVariant::lite;
  int axes = 1;
  std::int64_t cells = 0;  // per axis
  int points = 10;         // of a curve inside a cell
  std::array<Real, 2> lo{}, hi{};
  std::array<const Real*, 2> curve{};
  const Real* middle = nullptr;
  Real* cumulative = nullptr;  // [set][cell], running sum of weights, by prepare()

  constexpr std::int64_t all_cells() const { return axes == 1 ? cells : cells * cells; }

  constexpr std::int64_t nodes() const { return cells + 1; }

  /// Length of one set in curve[axis].
  constexpr std::int64_t curve_size() const {
    const std::int64_t along =
        variant == LoitsVariant::lite ? cells * (points - 1) + 1 : nodes();
    return axes == 1 ? along : along * nodes();
  }

  /// Corner: the mean of the corner values. The volume is left out, as published.
  constexpr Real weight(std::int64_t set, std::int64_t cell) const {
    if (variant == LoitsVariant::lite) return middle[set * all_cells() + cell];
    const Real* s = curve[0] + set * curve_size();
    if (axes == 1) return Real(0.5) * (s[cell] + s[cell + 1]);
    const Real* low = s + cell / cells * nodes() + cell % cells;
    const Real* high = low + nodes();
    return Real(0.25) * (low[0] + low[1] + high[0] + high[1]);
  }

  /// The curve of a cell along axis a at its point t.
  constexpr Real curve_value(std::int64_t set, std::int64_t cell, int a, int t) const {
    const int k = points - 1;
    const std::int64_t i = axes == 1 ? cell : cell / cells;
    const std::int64_t j = axes == 1 ? 0 : cell % cells;
    if (variant == LoitsVariant::lite) {
      const Real* s = curve[static_cast<std::size_t>(a)] + set * curve_size();
      if (axes == 1) return s[i * k + t];
      return a == 0 ? s[(i * k + t) * nodes() + j] : s[i * (cells * k + 1) + j * k + t];
    }
    const Real* s = curve[0] + set * curve_size();
    const Real high = static_cast<Real>(t) / static_cast<Real>(k);
    if (axes == 1) return (1 - high) * s[i] + high * s[i + 1];
    const Real* corner = s + i * nodes() + j;
    const std::int64_t along = a == 0 ? nodes() : 1, across = a == 0 ? 1 : nodes();
    const Real lower = corner[0] + corner[across];
    const Real upper = corner[along] + corner[along + across];
    return Real(0.5) * ((1 - high) * lower + high * upper);
  }

  constexpr Real step(int a) const {
    const auto axis = static_cast<std::size_t>(a);
    return (hi[axis] - lo[axis]) / static_cast<Real>(cells * (points - 1));
  }

  /// The cell in which a uniform falls.
  constexpr std::int64_t cell_of(std::int64_t set, Real u) const {
    const Real* sums = cumulative + set * all_cells();
    const Real target = u * sums[all_cells() - 1];
    std::int64_t first = 0;  // how many sums are at or below the target
    for (std::int64_t length = all_cells(); length > 0;) {
      const std::int64_t half = length / 2;
      if (sums[first + half] <= target) {
        first += half + 1;
        length -= half + 1;
      } else {
        length = half;
      }
    }
    return std::min(first, all_cells() - 1);
  }

  /// The segment of a curve in which a uniform falls, the rise of c over it with the
  /// published 1e-5, and where in it.
  struct Segment {
    int index;
    Real rise, part;
  };

  constexpr Segment segment(std::int64_t set, std::int64_t cell, int a, Real u) const {
    const int k = points - 1;
    Real total = 0, left = curve_value(set, cell, a, 0);
    for (int t = 0; t < k; ++t) {
      const Real right = curve_value(set, cell, a, t + 1);
      total += Real(0.5) * (left + right);
      left = right;
    }
    Real sum = 0, c = 0, next = 0;
    int index = 0;
    left = curve_value(set, cell, a, 0);
    for (int t = 0; t < k; ++t) {
      const Real right = curve_value(set, cell, a, t + 1);
      sum += Real(0.5) * (left + right);
      left = right;
      index = t;
      c = next;
      next = total > 0 ? sum / total : static_cast<Real>(t + 1) / static_cast<Real>(k);
      if (!(next <= u)) break;
    }
    const Real rise = next - c + Real(1e-5);
    return {index, rise, (u - c) / rise};
  }

  /// Where a uniform falls on axis a of a cell.
  constexpr Real place(std::int64_t set, std::int64_t cell, int a, Real u) const {
    const auto at = segment(set, cell, a, u);
    const auto along = axes == 1 ? cell : (a == 0 ? cell / cells : cell % cells);
    const Real edge = lo[static_cast<std::size_t>(a)] +
                      step(a) * static_cast<Real>(along * (points - 1));
    return edge + step(a) * (static_cast<Real>(at.index) + at.part);
  }
};

template <class Real>
struct LoitsWeights {
  static constexpr const char* name = "loits_weights";
  static constexpr int threads = 256;

  Loits<Real> table;
  std::int64_t sets = 0;

  std::int64_t blocks() const { return sets; }

  std::size_t shared_bytes() const { return ScanMemory<Real, threads>::bytes(); }

  template <class Team>
  constexpr void operator()(const Team& team, const Block& block) const {
    const ScanMemory<Real, threads> scan(block);
    const std::int64_t n = table.all_cells();
    running_sum(
        team,
        scan,
        n,
        [&](std::int64_t cell) { return table.weight(block.index, cell); },
        [&](std::int64_t cell, Real, Real sum) {
          table.cumulative[block.index * n + cell] = sum;
        });
  }
};

/// Independent cells (multinomial counts), uniform in block 1 of an event's numbers.
template <class Real>
struct DrawLoits {
  static constexpr const char* name = "draw_loits";
  static constexpr int threads = 256;

  Loits<Real> table;
  Events events;
  std::array<Real*, 2> out{};

  std::int64_t blocks() const { return ceil_div(events.count(), threads); }

  std::size_t shared_bytes() const { return 0; }

  template <class Team>
  constexpr void operator()(const Team& team, const Block& block) const {
    each_index<threads>(team, block, events.count(), [&](std::int64_t i) {
      const std::int64_t set = i / events.per_set;
      const auto u = events.uniforms<Real>(i);
      const auto cell = table.cell_of(set, events.uniforms<Real>(i, 1)[0]);
      for (int a = 0; a < table.axes; ++a) {
        const auto axis = static_cast<std::size_t>(a);
        out[axis][i] = table.place(set, cell, a, u[axis]);
      }
    });
  }
};

/// Fills the running sums of the cells' weights.
template <class Real, class Where>
void prepare(const Loits<Real>& table, std::int64_t sets, Where where) {
  launch(LoitsWeights<Real>{table, sets}, where);
}

/// out[axis][set][event]; needs prepare().
template <class Real, class Where>
void draw(const Loits<Real>& table,
          const Events& events,
          std::array<Real*, 2> out,
          Where where) {
  launch(DrawLoits<Real>{table, events, out}, where);
}

}  // namespace femto::cuda
