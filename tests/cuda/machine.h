// Cases that run on the CPU and, in tests/gpu, on a device: same code, two machines.
#pragma once
#include <cmath>
#include <span>
#include <vector>

#include "femto/cuda/adam.h"
#include "femto/cuda/bilinear.h"
#include "femto/cuda/loits_backward.h"
#include "femto/cuda/mlp.h"
#include "femto/cuda/random.h"

namespace femto::testing {

/// The CPU with its memory.
struct Host {
  cuda::OnHost where;

  template <class T>
  class Array {
   public:
    explicit Array(std::size_t size) : values_(size) {}

    explicit Array(std::span<const T> values) : values_(values.begin(), values.end()) {}

    T* data() { return values_.data(); }

    std::vector<T> values() const { return values_; }

   private:
    std::vector<T> values_;
  };
};

/// Threads of a block in the opposite order: kernels must not notice.
inline const Host backwards{{cuda::Order::descending}};

/// Numbers in (lo, hi) that depend on the seed alone.
inline std::vector<double> some(std::uint64_t seed,
                                std::size_t n,
                                double lo = 0,
                                double hi = 1) {
  std::vector<double> out(n);
  for (std::size_t i = 0; i < n; ++i)
    out[i] = lo + (hi - lo) * random::uniform({seed, 17}, i);
  return out;
}

template <class Real>
std::vector<Real> as(const std::vector<double>& from) {
  return {from.begin(), from.end()};
}

/// Ascending, from 0 to 1, unequal steps.
inline std::vector<double> some_nodes(std::uint64_t seed, std::size_t n) {
  auto x = some(seed, n, 0.1, 1);
  double sum = 0;
  for (double& v : x) {
    const double step = v;
    v = sum;
    sum += step;
  }
  for (double& v : x) v /= x.back();
  return x;
}

template <class Real>
struct Drawn {
  std::vector<Real> x, y, slope;
};

/// Densities on one or two axes, events and derivatives.
struct SamplerCase {
  std::int64_t sets, events;
  std::vector<double> x, y, value;  // y empty: one axis
  random::Stream stream{5, 6};
  std::uint64_t first = 40;

  cuda::Events which() const { return {stream, first, sets, events}; }

  std::size_t count() const { return static_cast<std::size_t>(sets * events); }

  std::vector<double> upstream(std::uint64_t axis) const {
    return some(100 + axis, count(), -1, 2);
  }
};

inline SamplerCase line_case(std::int64_t sets, std::int64_t events, std::size_t nodes) {
  return {sets,
          events,
          some_nodes(1, nodes),
          {},
          some(2, static_cast<std::size_t>(sets) * nodes)};
}

inline SamplerCase plane_case(std::int64_t sets,
                              std::int64_t events,
                              std::size_t nodes_x,
                              std::size_t nodes_y) {
  return {sets,
          events,
          some_nodes(1, nodes_x),
          some_nodes(3, nodes_y),
          some(2, static_cast<std::size_t>(sets) * nodes_x * nodes_y)};
}

template <class Real, class Machine>
Drawn<Real> run_line(const Machine& machine, const SamplerCase& c) {
  using Array = typename Machine::template Array<Real>;
  Array x(as<Real>(c.x)), value(as<Real>(c.value)), up(as<Real>(c.upstream(0)));
  Array integral(c.value.size()), out(c.count()), slope(c.value.size());
  const cuda::PiecewiseLinear<Real> d{
      static_cast<std::int64_t>(c.x.size()), x.data(), value.data(), integral.data()};
  Array scratch(static_cast<std::size_t>(cuda::scratch_size(d, c.which())));
  cuda::prepare(d, c.sets, machine.where);
  cuda::draw(d, c.which(), out.data(), machine.where);
  cuda::backward(d, c.which(), up.data(), scratch.data(), slope.data(), machine.where);
  return {out.values(), {}, slope.values()};
}

template <class Real, class Machine>
Drawn<Real> run_plane(const Machine& machine, const SamplerCase& c) {
  using Array = typename Machine::template Array<Real>;
  Array x(as<Real>(c.x)), y(as<Real>(c.y)), value(as<Real>(c.value));
  Array up_x(as<Real>(c.upstream(0))), up_y(as<Real>(c.upstream(1)));
  Array rows(c.value.size()), marginal(static_cast<std::size_t>(c.sets) * c.x.size());
  Array out_x(c.count()), out_y(c.count()), slope(c.value.size());
  const cuda::Bilinear<Real> d{static_cast<std::int64_t>(c.x.size()),
                               static_cast<std::int64_t>(c.y.size()),
                               x.data(),
                               y.data(),
                               value.data(),
                               rows.data(),
                               marginal.data()};
  Array scratch(static_cast<std::size_t>(cuda::scratch_size(d, c.which())));
  cuda::prepare(d, c.sets, machine.where);
  cuda::draw(d, c.which(), out_x.data(), out_y.data(), machine.where);
  cuda::backward(d,
                 c.which(),
                 up_x.data(),
                 up_y.data(),
                 scratch.data(),
                 slope.data(),
                 machine.where);
  return {out_x.values(), out_y.values(), slope.values()};
}

struct LoitsCase {
  cuda::LoitsVariant variant;
  int axes;
  std::int64_t sets, events, cells;
  int points;
  std::size_t moved_grid = 0, moved_point = 0;  // by `move`, for finite differences
  double move = 0;

  cuda::Events which() const { return {{7, 8}, 11, sets, events}; }

  /// Densities on curve[grid].
  std::vector<double> densities(std::size_t grid, std::size_t n) const {
    auto out = some(20 + grid, n, 0.05, 1);
    if (grid == moved_grid) out[moved_point] += move;
    return out;
  }

  std::vector<double> upstream(std::uint64_t axis) const {
    return some(100 + axis, static_cast<std::size_t>(sets * events), -1, 2);
  }
};

/// Events of the case, and derivatives with respect to curve[0], then curve[1].
template <class Real, class Machine>
Drawn<Real> run_loits(const Machine& machine, const LoitsCase& c) {
  using Array = typename Machine::template Array<Real>;
  cuda::Loits<Real> d{c.variant, c.axes, c.cells, c.points, {Real(0.5), -1}, {2, 1}};
  const auto size = static_cast<std::size_t>(c.sets * d.curve_size());
  const auto cells = static_cast<std::size_t>(c.sets * d.all_cells());
  const auto events = static_cast<std::size_t>(c.sets * c.events);
  Array along_x(as<Real>(c.densities(0, size))), along_y(as<Real>(c.densities(1, size)));
  Array middle(as<Real>(some(22, cells))), cumulative(cells);
  Array up_x(as<Real>(c.upstream(0))), up_y(as<Real>(c.upstream(1)));
  const std::vector<Real> zeros(std::max(size, events));  // some outputs are not used
  Array x(zeros), y(zeros), slope_x(zeros), slope_y(zeros);
  d.curve = {along_x.data(), along_y.data()};
  d.middle = middle.data();
  d.cumulative = cumulative.data();
  Array scratch(static_cast<std::size_t>(cuda::scratch_size(d, c.which())));
  cuda::prepare(d, c.sets, machine.where);
  cuda::draw(d, c.which(), {x.data(), y.data()}, machine.where);
  cuda::backward<Real>(d,
                       c.which(),
                       {up_x.data(), up_y.data()},
                       scratch.data(),
                       {slope_x.data(), slope_y.data()},
                       machine.where);
  auto slope = slope_x.values(), second = slope_y.values();
  slope.resize(size);
  slope.insert(
      slope.end(), second.begin(), second.begin() + static_cast<std::ptrdiff_t>(size));
  auto out_x = x.values(), out_y = y.values();
  out_x.resize(events);
  out_y.resize(events);
  return {out_x, out_y, slope};
}

}  // namespace femto::testing
