// Axis by axis inversion of a multilinear density and its exact derivative.
#include "femto/physics/multilinear.h"

#include <algorithm>
#include <cmath>

#include "femto/core/error.h"
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

struct Found {
  std::size_t cell;
  double tau, density;
};

/// Inverts the conditional density, a mixture of neighbouring rows of a table.
template <std::size_t rows>
Found invert_row(const std::vector<double>& x,
                 const double* weight,
                 const double* const* values,
                 const double* const* sums,
                 double u) {
  const std::size_t last = x.size() - 1;
  const double target = u * mixed<rows>(weight, sums, last);
  std::size_t low = 0;  // the last node before `last` whose sum is not above the target
  for (std::size_t length = last; length > 1;) {
    const std::size_t half = length / 2;  // no branch to guess wrong
    low += mixed<rows>(weight, sums, low + half) <= target ? half : 0;
    length -= half;
  }
  double start = mixed<rows>(weight, sums, low);
  while (low > 0 && !(mixed<rows>(weight, sums, low + 1) > start))
    start = mixed<rows>(weight, sums, --low);  // the target was rounded up
  const auto at = invert_cell(mixed<rows>(weight, values, low),
                              mixed<rows>(weight, values, low + 1),
                              (target - start) / (x[low + 1] - x[low]));
  return {low, at.tau, at.density};
}

}  // namespace

/// Sums of the backward pass of one axis: [row][cell].
struct Multilinear::Sums {
  std::size_t rows;
  std::vector<CellSums> cell;
};

Multilinear::Multilinear(const GridNodes& nodes, std::vector<double> values)
    : nodes_(nodes), tables_(nodes.size()) {
  expect(nodes.size() <= max_axes, "a multilinear density has at most four axes");
  for (std::size_t a = nodes.size(); a-- > 0;) {
    const auto& x = nodes_[a];
    auto& table = tables_[a];
    table.value = std::move(values);
    expect(table.value.size() % x.size() == 0, "one value per node of the grid");
    const std::size_t rows = table.value.size() / x.size();
    table.prefix.resize(table.value.size());
    values.assign(rows, 0);
    for (std::size_t r = 0; r < rows; ++r) {
      const double* s = &table.value[r * x.size()];
      double* sum = &table.prefix[r * x.size()];
      sum[0] = 0;
      for (std::size_t j = 0; j + 1 < x.size(); ++j)
        sum[j + 1] = sum[j] + (x[j + 1] - x[j]) * 0.5 * (s[j] + s[j + 1]);
      values[r] = sum[x.size() - 1];
    }
  }
  integral_ = values[0];
  if (!(integral_ > 0 && std::isfinite(integral_)))
    throw NumericalError("the density on the sampler's grid has no finite positive norm",
                         "look for parameters at which the theory is zero everywhere");
}

void Multilinear::find(std::size_t axis, double u, Stop& stop) const {
  const auto& x = nodes_[axis];
  const auto& table = tables_[axis];
  const std::size_t rows = std::size_t{1} << axis;
  std::array<const double*, max_rows> sums, values;
  for (std::size_t r = 0; r < rows; ++r) {
    sums[r] = &table.prefix[stop.row[r] * x.size()];
    values[r] = &table.value[stop.row[r] * x.size()];
  }
  constexpr decltype(&invert_row<1>) invert[max_axes] = {
      &invert_row<1>, &invert_row<2>, &invert_row<4>, &invert_row<8>};
  const auto found = invert[axis](x, stop.weight.data(), values.data(), sums.data(), u);
  stop.cell = found.cell;
  stop.tau = found.tau;
  stop.density = found.density;
}

void Multilinear::next_rows(std::size_t axis, const Stop& from, Stop& to) const {
  const std::size_t rows = std::size_t{1} << axis;
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t row = from.row[r] * nodes_[axis].size() + from.cell;
    to.row[2 * r] = row;
    to.row[2 * r + 1] = row + 1;
    to.weight[2 * r] = from.weight[r] * (1 - from.tau);
    to.weight[2 * r + 1] = from.weight[r] * from.tau;
  }
}

void Multilinear::draw(std::size_t n, const double* const* u, double* const* x) const {
  for (std::size_t i = 0; i < n; ++i) {
    Stop stop, next;
    stop.row[0] = 0;
    stop.weight[0] = 1;
    for (std::size_t a = 0; a < nodes_.size(); ++a) {
      find(a, u[a][i], stop);
      const double start = nodes_[a][stop.cell];
      x[a][i] = start + stop.tau * (nodes_[a][stop.cell + 1] - start);
      if (a + 1 == nodes_.size()) break;
      next_rows(a, stop, next);
      stop = next;
    }
  }
}

double Multilinear::cross_term(std::size_t axis,
                               std::size_t earlier,
                               double u,
                               const std::array<Stop, max_axes>& stops) const {
  const auto& x = nodes_[axis];
  const auto& here = stops[axis];
  const std::size_t k = here.cell, rows = std::size_t{1} << axis;
  const double h = x[k + 1] - x[k], tau = here.tau;
  double sum = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    // Bit (axis - 1 - b) of r tells which side of axis b the row lies on.
    double slope = 1;
    for (std::size_t b = 0; b < axis; ++b) {
      const bool upper = (r >> (axis - 1 - b)) & 1;
      const double t = stops[b].tau;
      slope *= b == earlier ? (upper ? 1 : -1) : (upper ? t : 1 - t);
    }
    const double* s = &tables_[axis].value[here.row[r] * x.size()];
    const double* c = &tables_[axis].prefix[here.row[r] * x.size()];
    const double reached = c[k] + h * tau * (s[k] + 0.5 * tau * (s[k + 1] - s[k]));
    sum += slope * (u * c[x.size() - 1] - reached);
  }
  const auto& before = nodes_[earlier];
  const std::size_t cell = stops[earlier].cell;
  return sum / (before[cell + 1] - before[cell]);
}

void Multilinear::backward_one(const double* u,
                               double* upstream,
                               std::vector<Sums>& sums) const {
  const std::size_t axes = nodes_.size();
  std::array<Stop, max_axes> stops;
  stops[0].row[0] = 0;
  stops[0].weight[0] = 1;
  for (std::size_t a = 0; a < axes; ++a) {
    find(a, u[a], stops[a]);
    if (a + 1 < axes) next_rows(a, stops[a], stops[a + 1]);
  }
  for (std::size_t a = axes; a-- > 0;) {
    const auto& stop = stops[a];
    if (!(stop.density > 0)) continue;  // on an edge of the support, probability zero
    const double lambda = upstream[a] / stop.density;
    const std::size_t cells = nodes_[a].size() - 1;
    for (std::size_t r = 0; r < (std::size_t{1} << a); ++r) {
      const double scaled = lambda * stop.weight[r];
      sums[a].cell[stop.row[r] * cells + stop.cell].add(scaled, stop.tau, u[a]);
    }
    // The later coordinate moves with the earlier ones: dropping this is the bias of
    // samplers that freeze the cell.
    for (std::size_t b = 0; b < a; ++b)
      upstream[b] += lambda * cross_term(a, b, u[a], stops);
  }
}

void Multilinear::backward(std::size_t n,
                           const Uniforms& uniforms,
                           const double* const* upstream,
                           double* value_slope) const {
  const std::size_t axes = nodes_.size();
  std::vector<Sums> sums(axes);
  for (std::size_t a = 0; a < axes; ++a) {
    sums[a].rows = tables_[a].value.size() / nodes_[a].size();
    sums[a].cell.resize(sums[a].rows * (nodes_[a].size() - 1));
  }
  constexpr std::size_t block = 512;
  double buffer[max_axes][block];
  double* u[max_axes];
  for (std::size_t a = 0; a < axes; ++a) u[a] = buffer[a];
  for (std::size_t i = 0; i < n; ++i) {
    if (i % block == 0) uniforms(i, std::min(block, n - i), u);
    double point[max_axes], g[max_axes];
    for (std::size_t a = 0; a < axes; ++a)
      point[a] = u[a][i % block], g[a] = upstream[a][i];
    backward_one(point, g, sums);
  }
  std::vector<double> slope, earlier;
  for (std::size_t a = 0; a < axes; ++a) {
    const auto& x = nodes_[a];
    slope.assign(sums[a].rows * x.size(), 0);
    for (std::size_t r = 0; r < sums[a].rows; ++r) {
      double* row = &slope[r * x.size()];
      add_node_slopes(x, &sums[a].cell[r * (x.size() - 1)], row);
      if (a == 0) continue;
      // A marginal value is the integral of this row.
      for (std::size_t j = 0; j < x.size(); ++j)
        row[j] += earlier[r] * trapezoid_weight(x, j);
    }
    std::swap(slope, earlier);
  }
  for (std::size_t j = 0; j < earlier.size(); ++j) value_slope[j] += earlier[j];
}

void Multilinear::density(std::size_t n, const double* const* x, double* q) const {
  const std::size_t axes = nodes_.size();
  for (std::size_t i = 0; i < n; ++i) {
    q[i] = 0;
    Stop stop, next;
    stop.row[0] = 0;
    stop.weight[0] = 1;
    bool inside = true;
    for (std::size_t a = 0; a < axes && inside; ++a) {
      const auto& nodes = nodes_[a];
      inside = x[a][i] >= nodes.front() && x[a][i] <= nodes.back();
      if (!inside) break;
      const auto above = std::upper_bound(nodes.begin(), nodes.end() - 1, x[a][i]);
      stop.cell = static_cast<std::size_t>(above - nodes.begin()) - 1;
      stop.tau = (x[a][i] - nodes[stop.cell]) / (nodes[stop.cell + 1] - nodes[stop.cell]);
      if (a + 1 < axes) {
        next_rows(a, stop, next);
        stop = next;
      }
    }
    if (!inside) continue;
    const std::size_t width = nodes_.back().size();
    for (std::size_t r = 0; r < (std::size_t{1} << (axes - 1)); ++r) {
      const double* s = &tables_.back().value[stop.row[r] * width + stop.cell];
      q[i] += stop.weight[r] * ((1 - stop.tau) * s[0] + stop.tau * s[1]);
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
