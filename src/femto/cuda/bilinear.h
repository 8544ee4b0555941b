// Exact sampling of two-dimensional bilinear densities, many sets at once.
#pragma once
#include "femto/cuda/piecewise_linear.h"

namespace femto::cuda {

/// Densities on a rectilinear grid. The marginal of x is piecewise linear with the
/// integrals over y as nodal values; y given x is a mixture of two rows. The mathematics
/// is that of femto/physics/multilinear.cc. Source: Rosenblatt:1952.
template <class Real>
struct Bilinear {
  std::int64_t nodes_x = 0, nodes_y = 0;
  const Real *x = nullptr, *y = nullptr;  // [node], ascending
  const Real* value = nullptr;            // [set][node of x][node of y], not negative
  Real* row_integral = nullptr;           // the same shape, along y; filled by prepare()
  Real* integral = nullptr;               // [set][node of x], along x; likewise

  constexpr Row<Real> row(std::int64_t set, std::int64_t i) const {
    const std::int64_t at = (set * nodes_x + i) * nodes_y;
    return {value + at, row_integral + at};
  }

  constexpr Found<Real> find_x(std::int64_t set, Real u) const {
    const Row<Real> marginal{row_integral + set * nodes_x * nodes_y + nodes_y - 1,
                             integral + set * nodes_x,
                             nodes_y};
    return invert_row(x, nodes_x, marginal, u);
  }

  constexpr Found<Real> find_y(std::int64_t set, const Found<Real>& at_x, Real v) const {
    const MixedRow<Real> mixed{row(set, at_x.cell), row(set, at_x.cell + 1), at_x.tau};
    return invert_row(y, nodes_y, mixed, v);
  }
};

template <class Real>
struct DrawBilinear {
  static constexpr const char* name = "draw_bilinear";
  static constexpr int threads = 256;

  Bilinear<Real> density;
  Events events;
  Real *out_x = nullptr, *out_y = nullptr;

  std::int64_t blocks() const { return ceil_div(events.count(), threads); }

  std::size_t shared_bytes() const { return 0; }

  template <class Team>
  constexpr void operator()(const Team& team, const Block& block) const {
    each_index<threads>(team, block, events.count(), [&](std::int64_t i) {
      const auto& d = density;
      const std::int64_t set = i / events.per_set;
      const auto u = events.uniforms<Real>(i);
      const auto at_x = d.find_x(set, u[0]);
      const auto at_y = d.find_y(set, at_x, u[1]);
      const Real left = d.x[at_x.cell], low = d.y[at_y.cell];
      out_x[i] = left + at_x.tau * (d.x[at_x.cell + 1] - left);
      out_y[i] = low + at_y.tau * (d.y[at_y.cell + 1] - low);
    });
  }
};

/// What each event adds to its cell (i, j) in the reverse pass: LineSums along x, then
/// LineSums along y for row i, then for row i + 1.
template <class Real>
struct BilinearShares {
  Bilinear<Real> density;
  Events events;
  const Real *upstream_x = nullptr, *upstream_y = nullptr;

  constexpr Share<Real, 12> operator()(std::int64_t set, std::int64_t event) const {
    const auto& d = density;
    const std::int64_t e = set * events.per_set + event;
    const auto u = events.uniforms<Real>(e);
    const auto at_x = d.find_x(set, u[0]);
    const auto at_y = d.find_y(set, at_x, u[1]);
    const std::int64_t i = at_x.cell, j = at_y.cell;
    Real g = upstream_x[e], lambda_y = 0;
    if (at_y.density > 0) {  // otherwise on an edge of the support
      lambda_y = upstream_y[e] / at_y.density;
      // y moves with x: dropping this is the bias of samplers that freeze the cell.
      const Real moved =
          beyond(d.row(set, i + 1), at_y, u[1]) - beyond(d.row(set, i), at_y, u[1]);
      g += lambda_y * moved / (d.x[i + 1] - d.x[i]);
    }
    const Real lambda_x = at_x.density > 0 ? g / at_x.density : Real(0);
    const auto along_x = line_sums(lambda_x, at_x.tau, u[0]);
    const auto along_y = line_sums(lambda_y, at_y.tau, u[1]);
    Share<Real, 12> out{i * (d.nodes_y - 1) + j, {}};
    for (std::size_t n = 0; n < 4; ++n) {
      out.numbers[n] = along_x[n];
      out.numbers[4 + n] = (1 - at_x.tau) * along_y[n];
      out.numbers[8 + n] = at_x.tau * along_y[n];
    }
    return out;
  }

  /// v times the whole integral of a row minus its integral up to y.
  constexpr Real beyond(const Row<Real>& row, const Found<Real>& at, Real v) const {
    const std::int64_t j = at.cell;
    const Real h = density.y[j + 1] - density.y[j], s = row.value(j);
    const Real reached =
        row.integral(j) + h * at.tau * (s + Real(0.5) * at.tau * (row.value(j + 1) - s));
    return v * row.integral(density.nodes_y - 1) - reached;
  }
};

/// columns[set][cell of x] = LineSums along x: sums over the cells of y, in order.
template <class Real>
struct BilinearColumns {
  static constexpr const char* name = "bilinear_columns";
  static constexpr int threads = 128;

  std::int64_t sets = 0, cells_x = 0, cells_y = 0, parts = 1;
  const Real* sums = nullptr;
  Real* columns = nullptr;

  std::int64_t blocks() const { return ceil_div(sets * cells_x, threads); }

  std::size_t shared_bytes() const { return 0; }

  template <class Team>
  constexpr void operator()(const Team& team, const Block& block) const {
    each_index<threads>(team, block, sets * cells_x, [&](std::int64_t at) {
      const std::int64_t set = at / cells_x, i = at % cells_x;
      const Real* from = sums + (set * parts * cells_x + i) * cells_y * 12;
      LineSums<Real> sum{};
      for (std::int64_t j = 0; j < cells_y; ++j)
        for (std::size_t n = 0; n < 4; ++n) sum[n] += from[j * 12 + n];
      for (std::size_t n = 0; n < 4; ++n) columns[at * 4 + n] = sum[n];
    });
  }
};

/// Sums along y of row i of a set: what the cells on both sides of it gave.
template <class Real>
struct BilinearRowSums {
  const Real* sums = nullptr;
  std::int64_t nodes_x = 0, cells_y = 0, parts = 1;

  constexpr LineSums<Real> operator()(std::int64_t row, std::int64_t j) const {
    const std::int64_t set = row / nodes_x, i = row % nodes_x, cells_x = nodes_x - 1;
    const Real* at = sums + (set * parts * cells_x * cells_y + i * cells_y + j) * 12;
    LineSums<Real> out{};
    for (std::size_t n = 0; n < 4; ++n) {
      if (i < cells_x) out[n] += at[4 + n];
      if (i > 0) out[n] += at[8 + n - 12 * cells_y];
    }
    return out;
  }
};

/// Fills the running integrals.
template <class Real, class Where>
void prepare(const Bilinear<Real>& d, std::int64_t sets, Where where) {
  const auto per_set = d.nodes_x * d.nodes_y;
  launch(
      RunningIntegral<Real>{
          sets * d.nodes_x, d.nodes_y, d.y, d.value, d.nodes_y, 1, d.row_integral},
      where);
  launch(RunningIntegral<Real>{sets,
                               d.nodes_x,
                               d.x,
                               d.row_integral + d.nodes_y - 1,
                               per_set,
                               d.nodes_y,
                               d.integral},
         where);
}

/// out_x, out_y: [set][event]; needs prepare().
template <class Real, class Where>
void draw(const Bilinear<Real>& d,
          const Events& events,
          Real* out_x,
          Real* out_y,
          Where where) {
  launch(DrawBilinear<Real>{d, events, out_x, out_y}, where);
}

/// Numbers of scratch memory that backward() needs. It grows with sets times cells: work
/// through many sets of a fine grid in groups.
template <class Real>
std::int64_t scratch_size(const Bilinear<Real>& d, const Events& e) {
  const auto cells = (d.nodes_x - 1) * (d.nodes_y - 1);
  return e.sets *
         (parts_of(e.sets, e.per_set) * cells * 12 + 4 * (d.nodes_x - 1) + d.nodes_x);
}

/// upstream_x, upstream_y: [set][event], dL/d(event) of the events that draw() gives ->
/// slope[set][node of x][node of y], dL/d(value). Needs prepare().
template <class Real, class Where>
void backward(const Bilinear<Real>& d,
              const Events& e,
              const Real* upstream_x,
              const Real* upstream_y,
              Real* scratch,
              Real* slope,
              Where where) {
  using RowSums = BilinearRowSums<Real>;
  using ColumnSums = PiecewiseLinearSums<Real>;
  const auto cells_x = d.nodes_x - 1, cells_y = d.nodes_y - 1, cells = cells_x * cells_y;
  const auto parts = parts_of(e.sets, e.per_set);
  Real* columns = scratch + e.sets * parts * cells * 12;
  Real* marginal = columns + e.sets * cells_x * 4;
  launch(
      SumByCell<Real, 12, BilinearShares<Real>>{
          {d, e, upstream_x, upstream_y}, e.sets, e.per_set, cells, parts, scratch},
      where);
  if (parts > 1)
    launch(
        FoldParts<Real>{e.sets, parts, cells * 12, scratch, scratch, parts * cells * 12},
        where);
  launch(BilinearColumns<Real>{e.sets, cells_x, cells_y, parts, scratch, columns}, where);
  launch(
      NodeSlopes<Real, ColumnSums>{
          {columns, cells_x, 1}, e.sets, d.nodes_x, d.x, nullptr, marginal},
      where);
  launch(NodeSlopes<Real, RowSums>{{scratch, d.nodes_x, cells_y, parts},
                                   e.sets * d.nodes_x,
                                   d.nodes_y,
                                   d.y,
                                   marginal,
                                   slope},
         where);
}

}  // namespace femto::cuda
