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

constexpr std::size_t block = 128;  // events that go from axis to axis together
constexpr std::size_t max_rows = 1 << (Multilinear::max_axes - 1);

}  // namespace

/// A block of events on one axis: neighbouring rows of its table with their weights, and
/// where each event fell.
struct Multilinear::Stops {
  std::size_t n = 0;
  std::size_t row[max_rows][block];
  double weight[max_rows][block];
  std::size_t cell[block];
  double tau[block], density[block];

  /// The conditional density of event i is a mixture of rows of the table.
  template <std::size_t rows>
  struct Mixture {
    double weight[rows];
    const double* row[rows];

    double operator()(std::size_t j) const { return mixed<rows>(weight, row, j); }
  };

  template <std::size_t rows>
  Mixture<rows> of(const std::vector<double>& table,
                   std::size_t width,
                   std::size_t i) const {
    Mixture<rows> m;
    for (std::size_t r = 0; r < rows; ++r) {
      m.weight[r] = weight[r][i];
      m.row[r] = &table[row[r][i] * width];
    }
    return m;
  }

  template <std::size_t rows>
  void invert(const std::vector<double>& x,
              const std::vector<double>& values,
              const std::vector<double>& sums,
              const double* u);
};

/// Bisects for all events in turns, so that none waits for memory alone.
template <std::size_t rows>
void Multilinear::Stops::invert(const std::vector<double>& x,
                                const std::vector<double>& values,
                                const std::vector<double>& sums,
                                const double* u) {
  const std::size_t width = x.size(), last = width - 1;
  double target[block];
  Mixture<rows> sum[block];
  for (std::size_t i = 0; i < n; ++i) {
    sum[i] = of<rows>(sums, width, i);
    target[i] = u[i] * sum[i](last);
    cell[i] = 0;  // the last node before `last` whose sum is not above the target
  }
  for (std::size_t length = last; length > 1;) {
    const std::size_t half = length / 2;
    for (std::size_t i = 0; i < n; ++i)  // no branch to guess wrong
      cell[i] += sum[i](cell[i] + half) <= target[i] ? half : 0;
    length -= half;
  }
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t k = cell[i];
    double start = sum[i](k);
    while (k > 0 && !(sum[i](k + 1) > start)) start = sum[i](--k);  // was rounded up
    const auto value = of<rows>(values, width, i);
    const auto at =
        invert_cell(value(k), value(k + 1), (target[i] - start) / (x[k + 1] - x[k]));
    cell[i] = k;
    tau[i] = at.tau;
    density[i] = at.density;
  }
}

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

void Multilinear::find(std::size_t axis, const double* u, Stops& stops) const {
  const auto& table = tables_[axis];
  constexpr decltype(&Stops::invert<1>) invert[max_axes] = {
      &Stops::invert<1>, &Stops::invert<2>, &Stops::invert<4>, &Stops::invert<8>};
  (stops.*invert[axis])(nodes_[axis], table.value, table.prefix, u);
}

void Multilinear::next_rows(std::size_t axis, const Stops& from, Stops& to) const {
  const std::size_t rows = std::size_t{1} << axis, width = nodes_[axis].size();
  to.n = from.n;
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t i = 0; i < from.n; ++i) {
      const std::size_t row = from.row[r][i] * width + from.cell[i];
      to.row[2 * r][i] = row;
      to.row[2 * r + 1][i] = row + 1;
      to.weight[2 * r][i] = from.weight[r][i] * (1 - from.tau[i]);
      to.weight[2 * r + 1][i] = from.weight[r][i] * from.tau[i];
    }
}

void Multilinear::visit(std::size_t n,
                        const double* const* u,
                        std::vector<Stops>& stops) const {
  stops[0].n = n;
  std::fill_n(stops[0].row[0], n, 0);
  std::fill_n(stops[0].weight[0], n, 1.0);
  for (std::size_t a = 0; a < nodes_.size(); ++a) {
    find(a, u[a], stops[a]);
    if (a + 1 < nodes_.size()) next_rows(a, stops[a], stops[a + 1]);
  }
}

void Multilinear::draw(std::size_t n, const double* const* u, double* const* x) const {
  std::vector<Stops> stops(nodes_.size());
  for (std::size_t i = 0; i < n; i += block) {
    const double* from[max_axes];
    for (std::size_t a = 0; a < nodes_.size(); ++a) from[a] = u[a] + i;
    visit(std::min(block, n - i), from, stops);
    for (std::size_t a = 0; a < nodes_.size(); ++a)
      for (std::size_t j = 0; j < stops[a].n; ++j) {
        const double* node = &nodes_[a][stops[a].cell[j]];
        x[a][i + j] = node[0] + stops[a].tau[j] * (node[1] - node[0]);
      }
  }
}

/// The later coordinate moves with the earlier ones: dropping this is the bias of
/// samplers that freeze the cell. Adds to upstream[earlier axis] of event i.
void Multilinear::add_cross_terms(std::size_t axis,
                                  std::size_t i,
                                  double u,
                                  double lambda,
                                  const std::vector<Stops>& stops,
                                  double* upstream) const {
  const auto& x = nodes_[axis];
  const auto& here = stops[axis];
  const std::size_t k = here.cell[i], rows = std::size_t{1} << axis;
  const double h = x[k + 1] - x[k], tau = here.tau[i];
  double moved[max_rows];  // u times the integral of each row, less the integral so far
  for (std::size_t r = 0; r < rows; ++r) {
    const double* s = &tables_[axis].value[here.row[r][i] * x.size()];
    const double* c = &tables_[axis].prefix[here.row[r][i] * x.size()];
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
    const double* node = &nodes_[earlier][stops[earlier].cell[i]];
    upstream[earlier] += lambda * sum / (node[1] - node[0]);
  }
}

void Multilinear::add_to_sums(const double* const* u,
                              const double* const* upstream,
                              std::size_t first,
                              const std::vector<Stops>& stops,
                              std::vector<Sums>& sums) const {
  const std::size_t axes = nodes_.size();
  for (std::size_t i = 0; i < stops[0].n; ++i) {
    double g[max_axes];
    for (std::size_t a = 0; a < axes; ++a) g[a] = upstream[a][first + i];
    for (std::size_t a = axes; a-- > 0;) {
      const auto& stop = stops[a];
      if (!(stop.density[i] > 0))
        continue;  // on an edge of the support: probability zero
      const double lambda = g[a] / stop.density[i];
      const std::size_t cells = nodes_[a].size() - 1;
      for (std::size_t r = 0; r < (std::size_t{1} << a); ++r)
        sums[a].cell[stop.row[r][i] * cells + stop.cell[i]].add(
            lambda * stop.weight[r][i], stop.tau[i], u[a][i]);
      if (a > 0) add_cross_terms(a, i, u[a][i], lambda, stops, g);
    }
  }
}

void Multilinear::add_slopes(const std::vector<Sums>& sums, double* value_slope) const {
  std::vector<double> slope, earlier;
  for (std::size_t a = 0; a < nodes_.size(); ++a) {
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
  std::vector<Stops> stops(axes);
  double buffer[max_axes][block];
  double* u[max_axes];
  for (std::size_t a = 0; a < axes; ++a) u[a] = buffer[a];
  for (std::size_t i = 0; i < n; i += block) {
    const std::size_t m = std::min(block, n - i);
    uniforms(i, m, u);
    visit(m, u, stops);
    add_to_sums(u, upstream, i, stops, sums);
  }
  add_slopes(sums, value_slope);
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
