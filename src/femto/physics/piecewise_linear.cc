// Inversion of a piecewise-linear density in blocks: search, then algebra in vectors.
#include "femto/physics/piecewise_linear.h"

#include <algorithm>
#include <cmath>

#include "femto/core/error.h"
#include "femto/core/scratch.h"
#include "femto/physics/grid_cells.h"

// Highway compiles this file once per instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): how Highway is told
#define HWY_TARGET_INCLUDE "femto/physics/piecewise_linear.cc"
#include <hwy/foreach_target.h>
// after foreach_target
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();

namespace femto::HWY_NAMESPACE {
namespace {  // what a shared library exports is not inlined
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<double>;
using V = hn::Vec<D>;

/// invert_cell, and the event, of one vector of cells.
struct Inverted {
  V x, tau, density;
};

HWY_INLINE Inverted invert(const CellBlock& b, double total, std::size_t i) {
  const D d;
  const auto start = hn::Load(d, b.start + i);
  const auto width = hn::Sub(hn::Load(d, b.end + i), start);
  const auto left = hn::Load(d, b.left + i);
  const auto rise = hn::Sub(hn::Load(d, b.right + i), left);
  const auto r = hn::Mul(hn::Load(d, b.u + i), hn::Set(d, total));
  const auto q = hn::Div(hn::Sub(r, hn::Load(d, b.sum + i)), width);
  const auto two = hn::Set(d, 2.0), none = hn::Zero(d), one = hn::Set(d, 1.0);
  const auto square = hn::Add(hn::Mul(left, left), hn::Mul(hn::Mul(two, rise), q));
  const auto density = hn::Sqrt(hn::Max(square, none));
  const auto sum = hn::Add(left, density);
  const auto divisor = hn::IfThenElse(hn::Gt(sum, none), sum, one);
  const auto tau = hn::Min(hn::Max(hn::Div(hn::Mul(two, q), divisor), none), one);
  return {hn::Add(start, hn::Mul(tau, width)), tau, density};
}

/// x[block]
void draw_block(const CellBlock& b, double total, double* x) {
  const D d;
  for (std::size_t i = 0; i < b.n; i += hn::Lanes(d))
    hn::Store(invert(b, total, i).x, d, x + i);
}

/// parts[block][4]: what an event adds to the CellSums of its cell.
void backward_block(const CellBlock& b,
                    double total,
                    const double* upstream,
                    double* parts) {
  const D d;
  const auto half = hn::Set(d, 0.5), none = hn::Zero(d);
  for (std::size_t i = 0; i < b.n; i += hn::Lanes(d)) {
    const auto at = invert(b, total, i);
    // On an edge of the support, which has probability zero, nothing moves.
    const auto lambda = hn::IfThenElseZero(
        hn::Gt(at.density, none), hn::Div(hn::Load(d, upstream + i), at.density));
    const auto square = hn::Mul(hn::Mul(half, at.tau), at.tau);
    hn::StoreInterleaved4(lambda,
                          hn::Mul(lambda, hn::Sub(at.tau, square)),
                          hn::Mul(lambda, square),
                          hn::Mul(lambda, hn::Load(d, b.u + i)),
                          d,
                          parts + 4 * i);
  }
}

}  // namespace
}  // namespace femto::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace femto {
HWY_EXPORT(draw_block);
HWY_EXPORT(backward_block);

namespace {

/// sums[node]: integral up to each node.
void running_integral(std::span<const double> nodes,
                      std::span<const double> values,
                      std::span<double> sums) {
  // Millions of tiny tail cells must not drown in round-off, so what each addition loses
  // is kept, here without a branch to wait for. Source: Neumaier:1974.
  double sum = 0, lost = 0;
  sums[0] = 0;
  for (std::size_t k = 0; k + 1 < nodes.size(); ++k) {
    const double part = (nodes[k + 1] - nodes[k]) * 0.5 * (values[k] + values[k + 1]);
    const double next = sum + part, added = next - sum;
    lost += (sum - (next - added)) + (part - added);
    sum = next;
    sums[k + 1] = std::max(sums[k], sum + lost);
  }
  if (!(sums.back() > 0 && std::isfinite(sum + lost)))
    throw NumericalError("the density on the sampler's grid has no finite positive norm",
                         "look for parameters at which the theory is zero everywhere");
}

}  // namespace

PiecewiseLinear::PiecewiseLinear(std::span<const double> nodes,
                                 std::vector<double> values)
    : nodes_(nodes), values_(std::move(values)) {
  expect(nodes_.size() >= 2 && values_.size() == nodes_.size(),
         "a piecewise-linear density has one value per node, and two or more nodes");
  integrate();
}

void PiecewiseLinear::assign(std::span<const double> values) {
  expect(values.size() == values_.size(), "one value per node of the grid");
  std::ranges::copy(values, values_.begin());
  integrate();
}

void PiecewiseLinear::integrate() {
  search_.assign(nodes_.size(), [this](std::span<double> sums) {
    running_integral(nodes_, values_, sums);
  });
}

void PiecewiseLinear::load(std::size_t all, CellBlock& b) const {
  search_.find(all, b.n, b.u, b.cell);
  const double *x = nodes_.data(), *s = values_.data(), *sums = search_.sums().data();
  // One event after the other is faster than the gathers of vector units.
  for (std::size_t i = 0; i < b.n; ++i) {
    const auto k = static_cast<std::size_t>(b.cell[i]);
    b.start[i] = x[k], b.end[i] = x[k + 1];
    b.left[i] = s[k], b.right[i] = s[k + 1];
    b.sum[i] = sums[k];
  }
}

void PiecewiseLinear::draw(std::size_t n,
                           const double* const* u,
                           double* const* x) const {
  const auto& kernel = HWY_DYNAMIC_DISPATCH(draw_block);
  CellBlock b;
  alignas(64) double out[CellBlock::size];
  for (std::size_t i = 0; i < n; i += b.n) {
    b.n = std::min(CellBlock::size, n - i);
    std::copy_n(u[0] + i, b.n, b.u);
    load(n, b);
    kernel(b, integral(), out);
    std::copy_n(out, b.n, x[0] + i);
  }
}

/// answer(first, block, up) fills up[block.n] when the cells of a block are known.
template <class Answer>
void PiecewiseLinear::pull(std::size_t n,
                           const Uniforms& uniforms,
                           const Answer& answer,
                           double* value_slope) const {
  const auto& kernel = HWY_DYNAMIC_DISPATCH(backward_block);
  ScratchVector<CellSums> sums(nodes_.size() - 1, scratch());
  CellBlock b;
  alignas(64) double up[CellBlock::size] = {}, parts[4 * CellBlock::size];
  double* const u = b.u;
  for (std::size_t i = 0; i < n; i += b.n) {
    b.n = std::min(CellBlock::size, n - i);
    uniforms(i, b.n, &u);
    load(n, b);
    answer(i, b, up);
    kernel(b, integral(), up, parts);
    for (std::size_t j = 0; j < b.n; ++j)
      sums[static_cast<std::size_t>(b.cell[j])].add(parts + 4 * j);
  }
  add_node_slopes(nodes_, sums.data(), value_slope);
}

void PiecewiseLinear::backward(std::size_t n,
                               const Uniforms& uniforms,
                               const double* const* upstream,
                               double* value_slope) const {
  const auto given = [&](std::size_t i, const CellBlock& b, double* up) {
    std::copy_n(upstream[0] + i, b.n, up);
  };
  pull(n, uniforms, given, value_slope);
}

void PiecewiseLinear::draw_and_pull(std::size_t n,
                                    const Uniforms& uniforms,
                                    const EventLoss& loss,
                                    double* value_slope) const {
  const auto& kernel = HWY_DYNAMIC_DISPATCH(draw_block);
  alignas(64) double out[CellBlock::size];
  const double* const x = out;
  const auto asked = [&](std::size_t i, const CellBlock& b, double* up) {
    kernel(b, integral(), out);
    loss(i, b.n, &x, &up);
  };
  pull(n, uniforms, asked, value_slope);
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

#endif
