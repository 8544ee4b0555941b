// Exact sampling of one-dimensional piecewise-linear densities, many sets at once.
#pragma once
#include "femto/cuda/cell_sums.h"
#include "femto/cuda/philox.h"

namespace femto::cuda {

/// Event `e` of set `s` uses the uniforms of index first + s * per_set + e, as
/// neural::Simulator and femto/pipeline/sampler.h have it.
struct Events {
  random::Stream stream;
  std::uint64_t first = 0;
  std::int64_t sets = 0, per_set = 0;

  constexpr std::int64_t count() const { return sets * per_set; }

  template <class Real>
  constexpr std::array<Real, 2> uniforms(std::int64_t i, std::uint32_t block = 0) const {
    return uniform_pair<Real>(stream, first + static_cast<std::uint64_t>(i), block);
  }
};

/// Densities on the nodes of one axis. A set whose integral (the last entry of its row)
/// is not positive gives events at the first node and no slopes; the caller looks.
template <class Real>
struct PiecewiseLinear {
  std::int64_t nodes = 0;
  const Real* x = nullptr;      // [node], ascending
  const Real* value = nullptr;  // [set][node], not negative
  Real* integral = nullptr;     // [set][node], filled by prepare()

  constexpr Found<Real> find(std::int64_t set, Real u) const {
    const Row<Real> row{value + set * nodes, integral + set * nodes};
    return invert_row(x, nodes, row, u);
  }
};

template <class Real>
struct DrawPiecewiseLinear {
  static constexpr const char* name = "draw_piecewise_linear";
  static constexpr int threads = 256;

  PiecewiseLinear<Real> density;
  Events events;
  Real* out = nullptr;

  std::int64_t blocks() const { return ceil_div(events.count(), threads); }

  std::size_t shared_bytes() const { return 0; }

  template <class Team>
  constexpr void operator()(const Team& team, const Block& block) const {
    each_index<threads>(team, block, events.count(), [&](std::int64_t i) {
      const auto at = density.find(i / events.per_set, events.uniforms<Real>(i)[0]);
      const Real start = density.x[at.cell];
      out[i] = start + at.tau * (density.x[at.cell + 1] - start);
    });
  }
};

/// What each event adds in the reverse pass.
template <class Real>
struct PiecewiseLinearShares {
  PiecewiseLinear<Real> density;
  Events events;
  const Real* upstream = nullptr;

  constexpr Share<Real, 4> operator()(std::int64_t set, std::int64_t event) const {
    const std::int64_t i = set * events.per_set + event;
    const Real u = events.uniforms<Real>(i)[0];
    const auto at = density.find(set, u);
    if (!(at.density > 0)) return {-1, {}};  // on an edge of the support
    return {at.cell, line_sums(upstream[i] / at.density, at.tau, u)};
  }
};

/// Sums of the cells of a row, in part 0 of each set.
template <class Real>
struct PiecewiseLinearSums {
  const Real* sums = nullptr;
  std::int64_t cells = 0, parts = 1;

  constexpr LineSums<Real> operator()(std::int64_t row, std::int64_t k) const {
    const Real* at = sums + (row * parts * cells + k) * 4;
    return {at[0], at[1], at[2], at[3]};
  }
};

/// Fills the running integrals.
template <class Real, class Where>
void prepare(const PiecewiseLinear<Real>& d, std::int64_t sets, Where where) {
  launch(RunningIntegral<Real>{sets, d.nodes, d.x, d.value, d.nodes, 1, d.integral},
         where);
}

/// out[set][event]; needs prepare().
template <class Real, class Where>
void draw(const PiecewiseLinear<Real>& d, const Events& events, Real* out, Where where) {
  launch(DrawPiecewiseLinear<Real>{d, events, out}, where);
}

/// Numbers of scratch memory that backward() needs.
template <class Real>
std::int64_t scratch_size(const PiecewiseLinear<Real>& d, const Events& e) {
  return e.sets * parts_of(e.sets, e.per_set) * (d.nodes - 1) * 4;
}

/// upstream[set][event], dL/d(event) of the events that draw() gives -> slope[set][node],
/// dL/d(value). Needs prepare().
template <class Real, class Where>
void backward(const PiecewiseLinear<Real>& d,
              const Events& e,
              const Real* upstream,
              Real* scratch,
              Real* slope,
              Where where) {
  using Shares = PiecewiseLinearShares<Real>;
  using Sums = PiecewiseLinearSums<Real>;
  const auto parts = parts_of(e.sets, e.per_set);
  const auto cells = d.nodes - 1;
  launch(
      SumByCell<Real, 4, Shares>{
          {d, e, upstream}, e.sets, e.per_set, cells, parts, scratch},
      where);
  if (parts > 1)
    launch(FoldParts<Real>{e.sets, parts, cells * 4, scratch, scratch, parts * cells * 4},
           where);
  launch(
      NodeSlopes<Real, Sums>{
          {scratch, cells, parts}, e.sets, d.nodes, d.x, nullptr, slope},
      where);
}

}  // namespace femto::cuda
