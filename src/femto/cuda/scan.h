// Sums over a row by one block, always nested the same way.
#pragma once
#include "femto/cuda/launch.h"

namespace femto::cuda {

/// Memory of a running sum.
template <class T, int threads>
struct ScanMemory {
  static constexpr int group = 16;
  static constexpr int groups = threads / group;
  static_assert(threads % group == 0);

  T *before, *base;  // [thread] within its group; [group]

  constexpr explicit ScanMemory(const Block& block)
      : ScanMemory(SharedMemory{block.shared}) {}

  static constexpr std::size_t bytes() {
    SharedMemory memory;
    ScanMemory{memory};
    return memory.used;
  }

 private:
  constexpr explicit ScanMemory(SharedMemory&& memory) : ScanMemory(memory) {}

  constexpr explicit ScanMemory(SharedMemory& memory)
      : before(memory.take<T>(threads)), base(memory.take<T>(groups + 1)) {}
};

/// Calls write(k, sum before k, sum up to and including k) for k in [0, n), with the
/// terms value(k), in parallel. A sum is (groups + (threads of the group + (terms of the
/// thread))): both sides of a border between threads round the same numbers alike, so
/// sums of non-negative terms never decrease. Returns nothing; the total is
/// memory.base[groups].
template <class T, int threads, class Team, class Value, class Write>
constexpr void running_sum(const Team& team,
                           const ScanMemory<T, threads>& memory,
                           std::int64_t n,
                           const Value& value,
                           const Write& write) {
  constexpr int group = ScanMemory<T, threads>::group;
  constexpr int groups = ScanMemory<T, threads>::groups;
  const std::int64_t chunk = ceil_div(n, threads);
  const auto end = [&](int t) { return (t + 1) * chunk < n ? (t + 1) * chunk : n; };
  team.phase([&](int t) {
    T sum = 0;
    for (std::int64_t k = t * chunk; k < end(t); ++k) sum += value(k);
    memory.before[t] = sum;
  });
  team.phase([&](int t) {
    if (t >= groups) return;
    T sum = 0;
    for (int i = 0; i < group; ++i) {
      const T own = memory.before[t * group + i];
      memory.before[t * group + i] = sum;
      sum += own;
    }
    memory.base[t] = sum;
  });
  team.phase([&](int t) {
    if (t > 0) return;
    T sum = 0;
    for (int g = 0; g < groups; ++g) {
      const T own = memory.base[g];
      memory.base[g] = sum;
      sum += own;
    }
    memory.base[groups] = sum;
  });
  team.phase([&](int t) {
    const T base = memory.base[t / group], before = memory.before[t];
    T sum = 0, last = base + (before + sum);
    for (std::int64_t k = t * chunk; k < end(t); ++k) {
      sum += value(k);
      const T next = base + (before + sum);
      write(k, last, next);
      last = next;
    }
  });
}

/// Integral of a piecewise-linear function from the first node to every node:
/// integral[row][node] from value[row * row_stride + node * node_stride].
template <class Real>
struct RunningIntegral {
  static constexpr const char* name = "running_integral";
  static constexpr int threads = 128;

  std::int64_t rows = 0, nodes = 0;
  const Real *x = nullptr, *value = nullptr;
  std::int64_t row_stride = 0, node_stride = 1;
  Real* integral = nullptr;

  std::int64_t blocks() const { return rows; }

  std::size_t shared_bytes() const { return ScanMemory<Real, threads>::bytes(); }

  template <class Team>
  constexpr void operator()(const Team& team, const Block& block) const {
    const ScanMemory<Real, threads> scan(block);
    const Real* s = value + block.index * row_stride;
    Real* out = integral + block.index * nodes;
    running_sum(
        team,
        scan,
        nodes - 1,
        [&](std::int64_t k) {
          const Real sum = s[k * node_stride] + s[(k + 1) * node_stride];
          return (x[k + 1] - x[k]) * Real(0.5) * sum;
        },
        [&](std::int64_t k, Real before, Real up_to) {
          if (k == 0) out[0] = before;
          out[k + 1] = up_to;
        });
  }
};

/// out[set * out_stride + i] = sum over parts, in order, of
/// parts_of[(set * parts + part) * n + i]. May be done in place, into part 0.
template <class T>
struct FoldParts {
  static constexpr const char* name = "fold_parts";
  static constexpr int threads = 256;

  std::int64_t sets = 1, parts = 1, n = 0;
  const T* parts_of = nullptr;
  T* out = nullptr;
  std::int64_t out_stride = 0;

  std::int64_t blocks() const { return ceil_div(sets * n, threads); }

  std::size_t shared_bytes() const { return 0; }

  template <class Team>
  constexpr void operator()(const Team& team, const Block& block) const {
    each_index<threads>(team, block, sets * n, [&](std::int64_t at) {
      const std::int64_t set = at / n, i = at % n;
      const T* from = parts_of + set * parts * n + i;
      T sum = from[0];
      for (std::int64_t part = 1; part < parts; ++part) sum += from[part * n];
      out[set * out_stride + i] = sum;
    });
  }
};

}  // namespace femto::cuda
