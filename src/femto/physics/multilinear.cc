// Axis by axis inversion of a multilinear density and its exact derivative.
#include "femto/physics/multilinear.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "femto/core/error.h"
#include "femto/core/scratch.h"
#include "femto/physics/grid_cells.h"
#include "femto/physics/piecewise_linear.h"

namespace femto {
namespace {

/// Sum over rows of weight * row[j]; unrolled for the two or four rows of the usual case.
template <std::size_t rows>
double mixed(const double* weight, const double* const* row, std::size_t j) {
  double sum = weight[0] * row[0][j];
  for (std::size_t r = 1; r < rows; ++r) sum += weight[r] * row[r][j];
  return sum;
}

constexpr std::size_t block = RowMixtures::block, max_rows = RowMixtures::max_rows;

}  // namespace

/// A block of events on one axis: neighbouring rows of its table with their weights, and
/// where each event fell.
struct Multilinear::Stops {
  RowMixtures rows;
  alignas(64) std::int64_t cell[block] = {};
  double tau[block] = {}, density[block] = {};

  std::size_t row_start(std::size_t r, std::size_t i) const {
    return static_cast<std::size_t>(rows.start[r][i]);
  }
};

/// Sums of the backward pass of one axis: [row][cell], rows as long as those of nodes.
struct Multilinear::Sums {
  std::size_t rows = 0;
  ScratchVector<CellSums> cell{scratch()};
};

Multilinear::Multilinear(const GridNodes& nodes, std::vector<double> values)
    : nodes_(nodes), tables_(nodes.size()) {
  expect(nodes.size() <= max_axes, "a multilinear density has at most four axes");
  std::size_t size = 1;
  for (std::size_t a = 0; a < nodes.size(); ++a) {
    size *= nodes[a].size();
    tables_[a].value.resize(size);
    tables_[a].prefix.resize(size);
  }
  expect(values.size() == size, "one value per node of the grid");
  tables_.back().value = std::move(values);
  integrate();
}

void Multilinear::assign(std::span<const double> values) {
  expect(values.size() == tables_.back().value.size(), "one value per node of the grid");
  std::ranges::copy(values, tables_.back().value.begin());
  integrate();
}

/// From the values on all axes to those of the marginals.
void Multilinear::integrate() {
  for (std::size_t a = nodes_.size(); a-- > 0;) {
    const auto& x = nodes_[a];
    auto& table = tables_[a];
    for (std::size_t r = 0; r < table.value.size() / x.size(); ++r) {
      const double* s = &table.value[r * x.size()];
      double* sum = &table.prefix[r * x.size()];
      sum[0] = 0;
      for (std::size_t j = 0; j + 1 < x.size(); ++j)
        sum[j + 1] = sum[j] + (x[j + 1] - x[j]) * 0.5 * (s[j] + s[j + 1]);
      (a > 0 ? tables_[a - 1].value[r] : integral_) = sum[x.size() - 1];
    }
  }
  if (!(integral_ > 0 && std::isfinite(integral_)))
    throw NumericalError("the density on the sampler's grid has no finite positive norm",
                         "look for parameters at which the theory is zero everywhere");
  first_.assign(nodes_[0].size(), [this](std::span<double> sums) {
    std::ranges::copy(tables_[0].prefix, sums.begin());
  });
}

/// The conditional density along an axis is a mixture of neighbouring rows.
template <std::size_t rows>
void Multilinear::find(std::size_t all,
                       std::size_t axis,
                       const double* u,
                       Stops& stops) const {
  const auto& x = nodes_[axis];
  const auto& table = tables_[axis];
  alignas(64) double target[block], upto[block] = {};
  if constexpr (rows == 1) {
    std::int32_t cell[block];
    first_.find(all, stops.rows.n, u, cell);
    std::copy_n(cell, stops.rows.n, stops.cell);
    for (std::size_t i = 0; i < stops.rows.n; ++i) target[i] = u[i] * integral_;
  } else {
    std::copy_n(u, stops.rows.n, upto);
    stops.rows.table = table.prefix.data();
    const auto last = static_cast<std::int64_t>(x.size() - 1);
    find_in_mixtures(stops.rows, rows, last, upto, target, stops.cell);
  }
  for (std::size_t i = 0; i < stops.rows.n; ++i) {
    double weight[rows];
    const double *sum[rows], *value[rows];
    for (std::size_t r = 0; r < rows; ++r) {
      weight[r] = stops.rows.weight[r][i];
      sum[r] = &table.prefix[stops.row_start(r, i)];
      value[r] = &table.value[stops.row_start(r, i)];
    }
    auto k = static_cast<std::size_t>(stops.cell[i]);
    double start = mixed<rows>(weight, sum, k);
    while (k > 0 && !(mixed<rows>(weight, sum, k + 1) > start))
      start = mixed<rows>(weight, sum, --k);  // the target was rounded up
    const auto at = invert_cell(mixed<rows>(weight, value, k),
                                mixed<rows>(weight, value, k + 1),
                                (target[i] - start) / (x[k + 1] - x[k]));
    stops.cell[i] = static_cast<std::int64_t>(k);
    stops.tau[i] = at.tau;
    stops.density[i] = at.density;
  }
}

void Multilinear::next_rows(std::size_t axis, const Stops& from, Stops& to) const {
  const auto next_width = static_cast<std::int64_t>(nodes_[axis + 1].size());
  to.rows.n = from.rows.n;
  for (std::size_t r = 0; r < (std::size_t{1} << axis); ++r)
    for (std::size_t i = 0; i < from.rows.n; ++i) {
      // A node of this axis is a row of the next.
      const auto start = (from.rows.start[r][i] + from.cell[i]) * next_width;
      to.rows.start[2 * r][i] = start;
      to.rows.start[2 * r + 1][i] = start + next_width;
      to.rows.weight[2 * r][i] = from.rows.weight[r][i] * (1 - from.tau[i]);
      to.rows.weight[2 * r + 1][i] = from.rows.weight[r][i] * from.tau[i];
    }
}

void Multilinear::visit(std::size_t all,
                        std::size_t n,
                        const double* const* u,
                        std::span<Stops> stops) const {
  constexpr decltype(&Multilinear::find<1>) find_on[max_axes] = {&Multilinear::find<1>,
                                                                 &Multilinear::find<2>,
                                                                 &Multilinear::find<4>,
                                                                 &Multilinear::find<8>};
  stops[0].rows.n = n;
  std::fill_n(stops[0].rows.start[0], block, 0);
  std::fill_n(stops[0].rows.weight[0], block, 1.0);
  for (std::size_t a = 0; a < nodes_.size(); ++a) {
    // By name: of find_on[a] in the call itself GCC 12 checks the bounds wrongly.
    const auto find_rows = find_on[a];
    (this->*find_rows)(all, a, u[a], stops[a]);
    if (a + 1 < nodes_.size()) next_rows(a, stops[a], stops[a + 1]);
  }
}

/// The events of a block.
void Multilinear::place(std::span<const Stops> stops, double* const* x) const {
  for (std::size_t a = 0; a < nodes_.size(); ++a)
    for (std::size_t j = 0; j < stops[a].rows.n; ++j) {
      const double* node = &nodes_[a][static_cast<std::size_t>(stops[a].cell[j])];
      x[a][j] = node[0] + stops[a].tau[j] * (node[1] - node[0]);
    }
}

void Multilinear::draw(std::size_t n, const double* const* u, double* const* x) const {
  ScratchVector<Stops> stops(nodes_.size(), scratch());
  for (std::size_t i = 0; i < n; i += block) {
    const double* from[max_axes];
    double* to[max_axes];
    for (std::size_t a = 0; a < nodes_.size(); ++a) from[a] = u[a] + i, to[a] = x[a] + i;
    visit(n, std::min(block, n - i), from, stops);
    place(stops, to);
  }
}

/// The later coordinate moves with the earlier ones: dropping this is the bias of
/// samplers that freeze the cell. Adds to upstream[earlier axis] of event i.
void Multilinear::add_cross_terms(std::size_t axis,
                                  std::size_t i,
                                  double u,
                                  double lambda,
                                  std::span<const Stops> stops,
                                  double* upstream) const {
  const auto& x = nodes_[axis];
  const auto& here = stops[axis];
  const auto k = static_cast<std::size_t>(here.cell[i]);
  const std::size_t rows = std::size_t{1} << axis;
  const double h = x[k + 1] - x[k], tau = here.tau[i];
  double moved[max_rows];  // u times the integral of each row, less the integral so far
  for (std::size_t r = 0; r < rows; ++r) {
    const double* s = &tables_[axis].value[here.row_start(r, i)];
    const double* c = &tables_[axis].prefix[here.row_start(r, i)];
    const double reached = c[k] + h * tau * (s[k] + 0.5 * tau * (s[k + 1] - s[k]));
    moved[r] = u * c[x.size() - 1] - reached;
  }
  for (std::size_t earlier = 0; earlier < axis; ++earlier) {
    double sum = 0;
    for (std::size_t r = 0; r < rows; ++r) {
      // Bit (axis - 1 - b) of r tells which side of axis b the row lies on.
      double slope = 1;
      for (std::size_t b = 0; b < axis; ++b) {
        const bool upper = (r >> (axis - 1 - b)) & 1;
        const double t = stops[b].tau[i];
        slope *= b == earlier ? (upper ? 1 : -1) : (upper ? t : 1 - t);
      }
      sum += slope * moved[r];
    }
    const double* node =
        &nodes_[earlier][static_cast<std::size_t>(stops[earlier].cell[i])];
    upstream[earlier] += lambda * sum / (node[1] - node[0]);
  }
}

void Multilinear::add_to_sums(const double* const* u,
                              const double* const* upstream,
                              std::span<const Stops> stops,
                              std::span<Sums> sums) const {
  const std::size_t axes = nodes_.size();
  for (std::size_t i = 0; i < stops[0].rows.n; ++i) {
    double g[max_axes];
    for (std::size_t a = 0; a < axes; ++a) g[a] = upstream[a][i];
    for (std::size_t a = axes; a-- > 0;) {
      const auto& stop = stops[a];
      if (!(stop.density[i] > 0))
        continue;  // on an edge of the support: probability zero
      const double lambda = g[a] / stop.density[i];
      const auto cell = static_cast<std::size_t>(stop.cell[i]);
      for (std::size_t r = 0; r < (std::size_t{1} << a); ++r)
        sums[a].cell[stop.row_start(r, i) + cell].add(
            lambda * stop.rows.weight[r][i], stop.tau[i], u[a][i]);
      if (a > 0) add_cross_terms(a, i, u[a][i], lambda, stops, g);
    }
  }
}

void Multilinear::add_slopes(std::span<const Sums> sums, double* value_slope) const {
  ScratchVector<double> slope(scratch()), earlier(scratch());
  for (std::size_t a = 0; a < nodes_.size(); ++a) {
    const auto& x = nodes_[a];
    slope.assign(sums[a].rows * x.size(), 0);
    for (std::size_t r = 0; r < sums[a].rows; ++r) {
      double* row = &slope[r * x.size()];
      add_node_slopes(x, &sums[a].cell[r * x.size()], row);
      if (a == 0) continue;
      // A marginal value is the integral of this row.
      for (std::size_t j = 0; j < x.size(); ++j)
        row[j] += earlier[r] * trapezoid_weight(x, j);
    }
    std::swap(slope, earlier);
  }
  for (std::size_t j = 0; j < earlier.size(); ++j) value_slope[j] += earlier[j];
}

/// answer(first, stops, up) points up[axis] at dL/d(event) of a block that has been
/// found.
template <class Answer>
void Multilinear::pull(std::size_t n,
                       const Uniforms& uniforms,
                       const Answer& answer,
                       double* value_slope) const {
  const std::size_t axes = nodes_.size();
  std::array<Sums, max_axes> sums;
  for (std::size_t a = 0; a < axes; ++a) {
    sums[a].rows = tables_[a].value.size() / nodes_[a].size();
    sums[a].cell.resize(tables_[a].value.size());
  }
  ScratchVector<Stops> stops(axes, scratch());
  double buffer[max_axes][block];
  double* u[max_axes];
  for (std::size_t a = 0; a < axes; ++a) u[a] = buffer[a];
  for (std::size_t i = 0; i < n; i += block) {
    const std::size_t m = std::min(block, n - i);
    uniforms(i, m, u);
    visit(n, m, u, stops);
    const double* up[max_axes];
    answer(i, std::span<const Stops>(stops), up);
    add_to_sums(u, up, stops, sums);
  }
  add_slopes(sums, value_slope);
}

void Multilinear::backward(std::size_t n,
                           const Uniforms& uniforms,
                           const double* const* upstream,
                           double* value_slope) const {
  const auto given = [&](std::size_t i, std::span<const Stops>, const double** up) {
    for (std::size_t a = 0; a < nodes_.size(); ++a) up[a] = upstream[a] + i;
  };
  pull(n, uniforms, given, value_slope);
}

void Multilinear::draw_and_pull(std::size_t n,
                                const Uniforms& uniforms,
                                const EventLoss& loss,
                                double* value_slope) const {
  double events[max_axes][block], answers[max_axes][block];
  double *x[max_axes], *to[max_axes];
  for (std::size_t a = 0; a < max_axes; ++a) x[a] = events[a], to[a] = answers[a];
  const auto asked = [&](std::size_t i, std::span<const Stops> stops, const double** up) {
    place(stops, x);
    loss(i, stops[0].rows.n, x, to);
    std::copy_n(to, nodes_.size(), up);
  };
  pull(n, uniforms, asked, value_slope);
}

void Multilinear::density(std::size_t n, const double* const* x, double* q) const {
  const std::size_t axes = nodes_.size();
  for (std::size_t i = 0; i < n; ++i) {
    q[i] = 0;
    std::size_t cell[max_axes];
    double tau[max_axes];
    bool inside = true;
    for (std::size_t a = 0; a < axes && inside; ++a) {
      const auto& nodes = nodes_[a];
      inside = x[a][i] >= nodes.front() && x[a][i] <= nodes.back();
      const auto above = std::upper_bound(nodes.begin() + 1, nodes.end() - 1, x[a][i]);
      cell[a] = static_cast<std::size_t>(above - nodes.begin()) - 1;
      tau[a] = (x[a][i] - nodes[cell[a]]) / (nodes[cell[a] + 1] - nodes[cell[a]]);
    }
    if (!inside) continue;
    for (std::size_t corner = 0; corner < (std::size_t{1} << axes); ++corner) {
      std::size_t index = 0;
      double weight = 1;
      for (std::size_t a = 0; a < axes; ++a) {
        const std::size_t upper = (corner >> a) & 1;
        index = index * nodes_[a].size() + cell[a] + upper;
        weight *= upper ? tau[a] : 1 - tau[a];
      }
      q[i] += weight * tables_.back().value[index];
    }
    q[i] /= integral_;
  }
}

std::unique_ptr<GridDensity> make_grid_density(const GridNodes& nodes,
                                               std::vector<double> values) {
  if (nodes.size() == 1)
    return std::make_unique<PiecewiseLinear>(nodes[0], std::move(values));
  return std::make_unique<Multilinear>(nodes, std::move(values));
}

}  // namespace femto
