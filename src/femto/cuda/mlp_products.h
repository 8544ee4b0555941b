// The three matrix products of a perceptron on a tile of rows in shared memory.
#pragma once
#include "femto/cuda/team.h"

namespace femto::cuda {

/// A matrix in shared memory whose rows lie an odd number of entries apart, so that
/// threads that walk down a column use different banks.
template <class Real>
struct Tile {
  Real* data = nullptr;
  int columns = 0;

  static constexpr int stride_of(int columns) { return columns | 1; }

  constexpr int stride() const { return stride_of(columns); }

  constexpr Real& operator()(int r, int c) const { return data[r * stride() + c]; }
};

/// Which index of the weights lies densely in memory: what neighbouring threads read.
enum class Dense { depth, column };

/// The 256 threads of a block, as 8 rows of 32: the rows of threads share the tile's
/// rows, the 32 threads of a warp share its columns, four each.
struct Grid8x32 {
  static constexpr int threads = 256, rows = 8, lanes = 32, each = 4;
  static constexpr int columns = lanes * each;  // of one pass
  static constexpr int depth = 16;              // of one stage
  static constexpr int stage_size = depth * (columns + 1);
};

/// product(r, j) = sum over k < depth of a(r, k) b(k, j) for j < columns, given to
/// write(r, j, product). b is read from device memory, a stage at a time.
template <int rows, Dense dense, class Real, class Team, class B, class Write>
constexpr void multiply(const Team& team,
                        const Tile<Real>& a,
                        int depth,
                        int columns,
                        Real* stage,
                        const B& b,
                        const Write& write) {
  using G = Grid8x32;
  constexpr int own = rows / G::rows;  // rows of a thread
  static_assert(own * G::rows == rows);
  if (columns < G::lanes) {  // a few outputs: one thread for each
    team.phase([&](int t) {
      for (int e = t; e < rows * columns; e += G::threads) {
        const int r = e % rows, j = e / rows;
        Real sum = 0;
        for (int k = 0; k < depth; ++k) sum += a(r, k) * b(k, j);
        write(r, j, sum);
      }
    });
    return;
  }
  typename Team::template PerThread<std::array<std::array<Real, G::each>, own>> sums;
  for (int j0 = 0; j0 < columns; j0 += G::columns) {
    team.phase([&](int t) { sums[t] = {}; });
    for (int k0 = 0; k0 < depth; k0 += G::depth) {
      const int here = depth - k0 < G::depth ? depth - k0 : G::depth;
      team.phase([&](int t) {
        for (int e = t; e < G::depth * G::columns; e += G::threads) {
          const int k = dense == Dense::depth ? e % G::depth : e / G::columns;
          const int j = dense == Dense::depth ? e / G::depth : e % G::columns;
          if (k < here)
            stage[k * (G::columns + 1) + j] = j0 + j < columns ? b(k0 + k, j0 + j) : 0;
        }
      });
      team.phase([&](int t) {
        const int first = t / G::lanes * own, lane = t % G::lanes;
        for (int k = 0; k < here; ++k) {
          const Real* from = stage + k * (G::columns + 1) + lane;
          for (int i = 0; i < own; ++i) {
            const Real left = a(first + i, k0 + k);
            for (int c = 0; c < G::each; ++c)
              sums[t][static_cast<std::size_t>(i)][static_cast<std::size_t>(c)] +=
                  left * from[c * G::lanes];
          }
        }
      });
    }
    team.phase([&](int t) {
      const int first = t / G::lanes * own, lane = t % G::lanes;
      for (int i = 0; i < own; ++i)
        for (int c = 0; c < G::each; ++c) {
          const int j = j0 + c * G::lanes + lane;
          if (j < columns)
            write(first + i,
                  j,
                  sums[t][static_cast<std::size_t>(i)][static_cast<std::size_t>(c)]);
        }
    });
  }
}

/// slope[o][i] = sum over rows of dz(r, o) h(r, i), added to what is there unless
/// `fresh`; likewise bias_slope[o] = sum of dz(r, o) unless it is null. All in one phase.
template <int rows, class Real, class Team>
constexpr void add_weight_slopes(const Team& team,
                                 const Tile<Real>& dz,
                                 const Tile<Real>& h,
                                 bool fresh,
                                 Real* slope,
                                 Real* bias_slope) {
  using G = Grid8x32;
  const int outs = dz.columns, ins = h.columns;
  const auto put = [fresh](Real& to, Real sum) { to = fresh ? sum : to + sum; };
  team.phase([&](int t) {
    if (bias_slope)
      for (int o = t; o < outs; o += G::threads) {
        Real sum = 0;
        for (int r = 0; r < rows; ++r) sum += dz(r, o);
        put(bias_slope[o], sum);
      }
    if (ins < G::lanes || outs < G::rows) {  // a thin matrix: one thread for each entry
      for (int e = t; e < outs * ins; e += G::threads) {
        const int o = e / ins, i = e % ins;
        Real sum = 0;
        for (int r = 0; r < rows; ++r) sum += dz(r, o) * h(r, i);
        put(slope[e], sum);
      }
      return;
    }
    constexpr int own = G::each;  // outs and ins of a thread
    for (int o0 = t / G::lanes * own; o0 < outs; o0 += G::rows * own)
      for (int i0 = t % G::lanes; i0 < ins; i0 += G::columns) {
        std::array<std::array<Real, own>, own> sum{};
        for (int r = 0; r < rows; ++r) {
          std::array<Real, own> right{};
          for (int c = 0; c < own; ++c) {
            const int i = i0 + c * G::lanes;
            right[static_cast<std::size_t>(c)] = i < ins ? h(r, i) : Real(0);
          }
          for (int a = 0; a < own; ++a) {
            const Real left = o0 + a < outs ? dz(r, o0 + a) : Real(0);
            for (int c = 0; c < own; ++c)
              sum[static_cast<std::size_t>(a)][static_cast<std::size_t>(c)] +=
                  left * right[static_cast<std::size_t>(c)];
          }
        }
        for (int a = 0; a < own; ++a)
          for (int c = 0; c < own; ++c) {
            const int o = o0 + a, i = i0 + c * G::lanes;
            if (o < outs && i < ins)
              put(slope[std::int64_t{o} * ins + i],
                  sum[static_cast<std::size_t>(a)][static_cast<std::size_t>(c)]);
          }
      }
  });
}

}  // namespace femto::cuda
