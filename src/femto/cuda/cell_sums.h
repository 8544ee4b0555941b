// Sums over the events of each cell, without atomics: the same bits in every run.
#pragma once
#include "femto/cuda/cell_inverse.h"
#include "femto/cuda/scan.h"

namespace femto::cuda {

/// What one event adds to the sums of its cell.
template <class Real, int count>
struct Share {
  std::int64_t cell;  // negative: nothing
  std::array<Real, count> numbers;
};

/// partial[set][part][cell][number] = sums of source(set, event) over the events of one
/// part of a set. A block takes its part in tiles of one event per thread, sorts a tile
/// by (cell, event) and lets the first thread of each run of equal cells add the run.
template <class Real, int count, class Source>
struct SumByCell {
  static constexpr const char* name = "sum_by_cell";
  static constexpr int threads = 256;  // a power of two, as the sort needs

  Source source;  // (set, event) -> Share
  std::int64_t sets = 0, events = 0, cells = 0, parts = 1;
  Real* partial = nullptr;

  struct Memory {
    std::uint64_t* key;  // cell * threads + thread
    Real* number;        // [number][thread]
  };

  constexpr Memory cut(SharedMemory& memory) const {
    return {memory.take<std::uint64_t>(threads),
            memory.take<Real>(static_cast<std::size_t>(count * threads))};
  }

  std::int64_t blocks() const { return sets * parts; }

  std::size_t shared_bytes() const {
    SharedMemory memory;
    cut(memory);
    return memory.used;
  }

  template <class Team>
  constexpr void operator()(const Team& team, const Block& block) const {
    SharedMemory shared{block.shared};
    const auto memory = cut(shared);
    const std::int64_t set = block.index / parts, part = block.index % parts;
    Real* out = partial + block.index * cells * count;
    team.phase([&](int t) {
      for (std::int64_t i = t; i < cells * count; i += threads) out[i] = 0;
    });
    const std::int64_t tiles = ceil_div(events, threads);
    const std::int64_t last = tiles * (part + 1) / parts;
    for (std::int64_t tile = tiles * part / parts; tile < last; ++tile) {
      team.phase([&](int t) { load(memory, set, tile * threads + t, t); });
      sort(team, memory.key);
      team.phase([&](int t) { add_run(memory, t, out); });
    }
  }

  constexpr void load(const Memory& memory,
                      std::int64_t set,
                      std::int64_t event,
                      int t) const {
    auto cell = static_cast<std::uint64_t>(cells);  // behind all others
    if (event < events) {
      const Share<Real, count> share = source(set, event);
      if (share.cell >= 0) cell = static_cast<std::uint64_t>(share.cell);
      for (int i = 0; i < count; ++i)
        memory.number[i * threads + t] = share.numbers[static_cast<std::size_t>(i)];
    }
    memory.key[t] = cell * threads + static_cast<std::uint64_t>(t);
  }

  /// Bitonic sort; keys are distinct, so there is one outcome.
  template <class Team>
  static constexpr void sort(const Team& team, std::uint64_t* key) {
    for (int size = 2; size <= threads; size *= 2)
      for (int step = size / 2; step > 0; step /= 2)
        team.phase([&](int t) {
          const int other = t ^ step;
          if (other < t) return;
          const auto a = key[t], b = key[other];
          if ((a > b) == ((t & size) == 0)) {
            key[t] = b;
            key[other] = a;
          }
        });
  }

  constexpr void add_run(const Memory& memory, int t, Real* out) const {
    const auto cell = memory.key[t] / threads;
    if (cell >= static_cast<std::uint64_t>(cells)) return;
    if (t > 0 && memory.key[t - 1] / threads == cell) return;
    std::array<Real, count> sum{};
    for (int at = t; at < threads && memory.key[at] / threads == cell; ++at)
      for (int i = 0; i < count; ++i)
        sum[static_cast<std::size_t>(i)] +=
            memory.number[i * threads + static_cast<int>(memory.key[at] % threads)];
    for (int i = 0; i < count; ++i)
      out[static_cast<std::int64_t>(cell) * count + i] +=
          sum[static_cast<std::size_t>(i)];
  }
};

/// How many parts the events of one set are cut into: a function of the numbers alone, so
/// that every device adds in the same order.
constexpr std::int64_t parts_of(std::int64_t sets, std::int64_t events) {
  const std::int64_t tiles = ceil_div(events, 256);
  const std::int64_t wanted = ceil_div(256, sets < 1 ? 1 : sets);
  return tiles < 1 ? 1 : (tiles < wanted ? tiles : wanted);
}

/// Sums of one cell: lambda, lambda (tau - tau^2 / 2), lambda tau^2 / 2, lambda u, where
/// lambda is the upstream derivative over the density.
template <class Real>
using LineSums = std::array<Real, 4>;

template <class Real>
constexpr LineSums<Real> line_sums(Real lambda, Real tau, Real u) {
  const Real half_square = Real(0.5) * tau * tau;
  return {lambda, lambda * (tau - half_square), lambda * half_square, lambda * u};
}

/// slope[row][node], the derivative with respect to the nodal values of each row, from
/// sums(row, cell) -> LineSums: what femto/physics/grid_cells.h does for one row. If the
/// integral of a row is itself the nodal value of an earlier axis, integral_slope[row] is
/// the derivative with respect to it.
template <class Real, class Sums>
struct NodeSlopes {
  static constexpr const char* name = "node_slopes";
  static constexpr int threads = 128;

  Sums sums;
  std::int64_t rows = 0, nodes = 0;
  const Real *x = nullptr, *integral_slope = nullptr;
  Real* slope = nullptr;

  std::int64_t blocks() const { return rows; }

  std::size_t shared_bytes() const { return ScanMemory<Real, threads>::bytes(); }

  template <class Team>
  constexpr void operator()(const Team& team, const Block& block) const {
    const ScanMemory<Real, threads> scan(block);
    const std::int64_t row = block.index, cells = nodes - 1;
    Real* out = slope + row * nodes;
    const auto nothing = [](std::int64_t, Real, Real) {};
    running_sum(
        team, scan, cells, [&](std::int64_t k) { return sums(row, k)[3]; }, nothing);
    typename Team::template PerThread<Real> scaled_u;
    team.phase([&](int t) {
      scaled_u[t] = scan.base[ScanMemory<Real, threads>::groups] +
                    (integral_slope ? integral_slope[row] : Real(0));
    });
    running_sum(
        team,
        scan,
        cells,
        [&](std::int64_t i) { return sums(row, cells - 1 - i)[0]; },
        [&](std::int64_t i, Real later, Real from_here) {
          const std::int64_t k = cells - 1 - i;  // from the last cell to the first
          const auto side = [&](std::int64_t cell, Real after, std::size_t which) {
            return (x[cell + 1] - x[cell]) * (Real(0.5) * after + sums(row, cell)[which]);
          };
          if (k == cells - 1) out[cells] = -side(k, later, 2);
          out[k] = -side(k, later, 1) - (k > 0 ? side(k - 1, from_here, 2) : Real(0));
        });
    team.phase([&](int t) {
      for (std::int64_t j = t; j < nodes; j += threads)
        out[j] += scaled_u[t] * trapezoid_weight(x, nodes, j);
    });
  }
};

}  // namespace femto::cuda
