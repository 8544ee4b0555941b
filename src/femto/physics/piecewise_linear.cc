// Inversion of a piecewise-linear density in blocks: search, then vectorised algebra.
#include "femto/physics/piecewise_linear.h"

#include <algorithm>
#include <bit>

#include "femto/core/error.h"
#include "femto/core/sum.h"
#include "femto/physics/grid_cells.h"

namespace femto {
namespace {

constexpr std::size_t block = 512;
constexpr std::size_t long_draw = 1024;  // from here on the guide pays for itself

/// Everything the inversion of a block reads.
struct View {
  const double *nodes, *values, *cumulative;
  double integral;
};

[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void invert(
    std::size_t n,
    const View& view,
    const double* u,
    const std::int32_t* cell,
    double* x,
    double* tau,
    double* density) {
  const double *nodes = view.nodes, *values = view.values, *sums = view.cumulative;
  const double integral = view.integral;
#pragma omp simd
  for (std::size_t i = 0; i < n; ++i) {
    const auto k = cell[i];
    const double start = nodes[k], width = nodes[k + 1] - start;
    const double q = (u[i] * integral - sums[k]) / width;
    const auto at = invert_cell(values[k], values[k + 1], q);
    x[i] = start + at.tau * width;
    tau[i] = at.tau;
    density[i] = at.density;
  }
}

}  // namespace

PiecewiseLinear::PiecewiseLinear(std::span<const double> nodes,
                                 std::vector<double> values)
    : nodes_(nodes), values_(std::move(values)), cumulative_(nodes.size(), 0.0) {
  expect(nodes_.size() >= 2 && values_.size() == nodes_.size(),
         "a piecewise-linear density has one value per node, and two or more nodes");
  CompensatedSum sum;  // millions of tiny tail cells must not drown in round-off
  for (std::size_t k = 0; k + 1 < nodes_.size(); ++k) {
    const double h = nodes_[k + 1] - nodes_[k];
    sum.add(h * 0.5 * (values_[k] + values_[k + 1]));
    cumulative_[k + 1] = std::max(cumulative_[k], sum.value());
    if (cumulative_[k + 1] > cumulative_[k]) last_ = static_cast<std::int32_t>(k);
  }
  if (!(integral() > 0 && std::isfinite(integral())))
    throw NumericalError("the density on the sampler's grid has no finite positive norm",
                         "look for parameters at which the theory is zero everywhere");
}

void PiecewiseLinear::build_guide() const {
  const std::size_t size = std::bit_ceil(2 * nodes_.size());
  guide_.resize(size);
  std::int32_t k = 0;
  for (std::size_t g = 0; g < size; ++g) {
    // A power of two: exact, so no uniform of this part lies before the cell.
    const double r = static_cast<double>(g) / static_cast<double>(size) * integral();
    while (k < last_ && cumulative_[static_cast<std::size_t>(k) + 1] <= r) ++k;
    guide_[g] = k;
  }
}

const std::vector<std::int32_t>* PiecewiseLinear::guide_for(std::size_t n) const {
  if (n < long_draw) return nullptr;
  std::call_once(guide_once_, [this] { build_guide(); });
  return &guide_;
}

/// The last cell that starts at or below u * integral, with or without a guide.
void PiecewiseLinear::locate(const std::vector<std::int32_t>* guide,
                             std::size_t n,
                             const double* u,
                             std::int32_t* cell) const {
  const double* sums = cumulative_.data();
  const double total = integral();
  if (!guide) {
    for (std::size_t i = 0; i < n; ++i) {
      const auto above =
          std::upper_bound(cumulative_.begin(), cumulative_.end(), u[i] * total);
      const auto k = static_cast<std::int32_t>(above - cumulative_.begin()) - 1;
      cell[i] = std::min(k, last_);
    }
    return;
  }
  const auto size = static_cast<double>(guide->size());
  for (std::size_t i = 0; i < n; ++i) {
    std::int32_t k = (*guide)[static_cast<std::size_t>(u[i] * size)];
    const double r = u[i] * total;
    while (k < last_ && sums[k + 1] <= r) ++k;
    cell[i] = k;
  }
}

void PiecewiseLinear::draw(std::size_t n,
                           const double* const* u,
                           double* const* x) const {
  const auto* guide = guide_for(n);
  const View view{nodes_.data(), values_.data(), cumulative_.data(), integral()};
  std::int32_t cell[block];
  double tau[block], density[block];
  for (std::size_t i = 0; i < n; i += block) {
    const std::size_t m = std::min(block, n - i);
    locate(guide, m, u[0] + i, cell);
    invert(m, view, u[0] + i, cell, x[0] + i, tau, density);
  }
}

void PiecewiseLinear::backward(std::size_t n,
                               const double* const* u,
                               const double* const* upstream,
                               double* value_slope) const {
  const auto* guide = guide_for(n);
  const View view{nodes_.data(), values_.data(), cumulative_.data(), integral()};
  std::vector<CellSums> sums(nodes_.size() - 1);
  double scaled_u = 0;
  std::int32_t cell[block];
  double x[block], tau[block], density[block];
  for (std::size_t i = 0; i < n; i += block) {
    const std::size_t m = std::min(block, n - i);
    locate(guide, m, u[0] + i, cell);
    invert(m, view, u[0] + i, cell, x, tau, density);
    for (std::size_t j = 0; j < m; ++j) {
      if (!(density[j] > 0)) continue;  // on an edge of the support, probability zero
      const double lambda = upstream[0][i + j] / density[j];
      scaled_u += lambda * u[0][i + j];
      sums[static_cast<std::size_t>(cell[j])].add(lambda, tau[j]);
    }
  }
  add_node_slopes(nodes_, scaled_u, sums.data(), value_slope);
}

void PiecewiseLinear::density(std::size_t n, const double* const* x, double* q) const {
  for (std::size_t i = 0; i < n; ++i) {
    q[i] = 0;
    if (!(x[0][i] >= nodes_.front() && x[0][i] <= nodes_.back())) continue;
    const auto above = std::upper_bound(nodes_.begin(), nodes_.end() - 1, x[0][i]);
    const auto k = static_cast<std::size_t>(above - nodes_.begin()) - 1;
    const double t = (x[0][i] - nodes_[k]) / (nodes_[k + 1] - nodes_[k]);
    q[i] = ((1 - t) * values_[k] + t * values_[k + 1]) / integral();
  }
}

}  // namespace femto
