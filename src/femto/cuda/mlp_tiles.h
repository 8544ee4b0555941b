// The kernel of the fused perceptron: forward, loss and backward of a tile of rows
// without leaving the block.
#pragma once
#include <algorithm>

#include "femto/cuda/mlp_products.h"
#include "femto/cuda/mlp_shape.h"
#include "femto/cuda/scan.h"

namespace femto::cuda {

/// One pass over a batch. Null pointers leave out what is not wanted: only the forward
/// pass without `target`; weights only, inputs only or both by the slopes given.
template <class Real>
struct MlpPass {
  Mlp<Real> net;
  std::int64_t rows = 0;
  const Real* input = nullptr;  // [row][inputs]
  Real* output = nullptr;       // [row][outputs]
  Loss loss = Loss::given;
  const Real* target = nullptr;  // [row][outputs]: targets, or dL/d(output) of `given`
  Real scale = 1;                // of the loss, e.g. 1 / rows
  double* loss_sum = nullptr;    // [1], scale * sum over rows and outputs
  Real* input_slope = nullptr;   // [row][inputs]
  Real* gradient = nullptr;      // [Mlp::size()], flat
};

/// MlpPass on tiles of `rows_of_tile` rows: activations live in shared memory, each block
/// adds the weight gradients of its tiles, in order, to an array of its own.
template <class Real, int rows_of_tile>
struct MlpTiles {
  static constexpr const char* name = "mlp_tiles";
  static constexpr int threads = Grid8x32::threads;

  MlpPass<Real> pass;
  std::int64_t parts = 1;          // blocks
  Real* gradient_parts = nullptr;  // [part][Mlp::size()]
  double* loss_parts = nullptr;    // [part]

  struct Memory {
    Real* z;  // tiles one after the other: inputs, sums of each layer, outputs
    Real* h;  // a tile: what goes into a layer, or the derivative with respect to it
    Real* stage;
    double* losses;  // [thread]
  };

  constexpr Memory cut(SharedMemory& shared) const {
    int all = 0, widest = 1;
    for (int l = 0; l <= pass.net.layers; ++l) {
      all += tile_size(pass.net.in(l));
      if (l < pass.net.layers) widest = std::max(widest, pass.net.in(l));
    }
    return {shared.take<Real>(static_cast<std::size_t>(all)),
            shared.take<Real>(static_cast<std::size_t>(tile_size(widest))),
            shared.take<Real>(Grid8x32::stage_size),
            shared.take<double>(threads)};
  }

  static constexpr int tile_size(int columns) {
    return rows_of_tile * Tile<Real>::stride_of(columns);
  }

  /// Tile 0: inputs; tile l > 0: sums of layer l - 1. Found by counting: an array that is
  /// indexed by l would live in slow memory.
  constexpr Tile<Real> tile(const Memory& memory, int l) const {
    Real* at = memory.z;
    for (int i = 0; i < l; ++i) at += tile_size(pass.net.in(i));
    return {at, pass.net.in(l)};
  }

  std::int64_t blocks() const { return parts; }

  std::size_t shared_bytes() const {
    SharedMemory shared;
    cut(shared);
    return shared.used;
  }

  template <class Team>
  constexpr void operator()(const Team& team, const Block& block) const {
    SharedMemory shared{block.shared};
    const auto memory = cut(shared);
    const std::int64_t tiles = ceil_div(pass.rows, rows_of_tile);
    const std::int64_t begin = tiles * block.index / parts;
    team.phase([&](int t) { memory.losses[t] = 0; });
    for (std::int64_t i = begin; i < tiles * (block.index + 1) / parts; ++i) {
      forward(team, memory, i * rows_of_tile);
      if (pass.target) backward(team, memory, i * rows_of_tile, block.index, i == begin);
    }
    if (!pass.target || !loss_parts) return;
    team.phase([&](int t) {
      if (t > 0) return;
      double sum = 0;
      for (int i = 0; i < threads; ++i) sum += memory.losses[i];
      loss_parts[block.index] = sum;
    });
  }

  /// Calls work(r, c) for every entry of a tile with c < columns.
  template <class Team, class Work>
  static constexpr void each_entry(const Team& team, int columns, const Work& work) {
    team.phase([&](int t) {
      for (int e = t; e < rows_of_tile * columns; e += threads)
        work(e / columns, e % columns);
    });
  }

  /// Calls work(r, c, factor of dropout) for every unit of hidden layer `layer`.
  template <class Team, class Work>
  constexpr void each_unit(const Team& team,
                           int layer,
                           std::int64_t first,
                           const Work& work) const {
    const auto& net = pass.net;
    const int columns = net.out(layer);
    team.phase([&](int t) {
      for (int e = t; e < rows_of_tile * ((columns + 7) / 8); e += threads) {
        const int r = e % rows_of_tile, group = e / rows_of_tile;
        std::array<Real, 8> factor{1, 1, 1, 1, 1, 1, 1, 1};
        if (net.dropout.probability > 0)
          factor = net.dropout.template factors<Real>(first + r, layer, group);
        for (int i = 0; i < 8; ++i)
          if (8 * group + i < columns)
            work(r, 8 * group + i, factor[static_cast<std::size_t>(i)]);
      }
    });
  }

  /// memory.h = what goes into layer l > 0: activation and dropout of the sums before it.
  template <class Team>
  constexpr void activate_into_h(const Team& team,
                                 const Memory& memory,
                                 int l,
                                 std::int64_t first) const {
    const auto z = tile(memory, l);
    const Tile<Real> h{memory.h, z.columns};
    each_unit(team, l - 1, first, [&](int r, int c, Real factor) {
      h(r, c) = factor * activate(pass.net.activation, pass.net.leak, z(r, c)).value;
    });
  }

  template <class Team>
  constexpr void forward(const Team& team,
                         const Memory& memory,
                         std::int64_t first) const {
    const auto& net = pass.net;
    const auto x = tile(memory, 0);
    each_entry(team, x.columns, [&](int r, int c) {
      // rows behind the last one are zero and lead to nothing
      x(r, c) = first + r < pass.rows ? pass.input[(first + r) * x.columns + c] : 0;
    });
    for (int l = 0; l < net.layers; ++l) {
      if (l > 0) activate_into_h(team, memory, l, first);
      const int in = net.in(l), out = net.out(l);
      const Tile<Real> h{l > 0 ? memory.h : x.data, in};
      const auto z = tile(memory, l + 1);
      const Real *w = net.weights(l), *b = net.biases(l);
      multiply<rows_of_tile, Dense::depth>(
          team,
          h,
          in,
          out,
          memory.stage,
          [&](int k, int j) { return w[std::int64_t{j} * in + k]; },
          [&](int r, int j, Real sum) { z(r, j) = b ? sum + b[j] : sum; });
    }
    if (!pass.output) return;
    const auto s = tile(memory, net.layers);
    each_entry(team, s.columns, [&](int r, int c) {
      if (first + r < pass.rows) pass.output[(first + r) * s.columns + c] = s(r, c);
    });
  }

  /// Turns outputs into derivatives of the loss and adds up the loss.
  template <class Team>
  constexpr void apply_loss(const Team& team,
                            const Memory& memory,
                            std::int64_t first) const {
    const auto s = tile(memory, pass.net.layers);
    team.phase([&](int t) {
      for (int e = t; e < rows_of_tile * s.columns; e += threads) {
        const int r = e / s.columns, c = e % s.columns;
        Real slope = 0;
        if (first + r < pass.rows) {
          const Real target = pass.target[(first + r) * s.columns + c];
          const auto at = loss_at(pass.loss, s(r, c), target);
          slope = pass.scale * at.slope;
          memory.losses[t] +=
              static_cast<double>(pass.scale) * static_cast<double>(at.value);
        }
        s(r, c) = slope;
      }
    });
  }

  /// From the last layer to the first; sums z turn into dL/dz in place.
  template <class Team>
  constexpr void backward(const Team& team,
                          const Memory& memory,
                          std::int64_t first,
                          std::int64_t part,
                          bool fresh) const {
    const auto& net = pass.net;
    apply_loss(team, memory, first);
    for (int l = net.layers - 1; l >= 0; --l) {
      const int in = net.in(l), out = net.out(l);
      const auto dz = tile(memory, l + 1);
      const auto below = tile(memory, l);
      const Tile<Real> h{memory.h, in};
      const Real* w = net.weights(l);
      if (gradient_parts) {
        if (l > 0) activate_into_h(team, memory, l, first);
        Real* slope = gradient_parts + part * net.size() + net.offset(l);
        Real* bias_slope = net.biases(l) ? slope + std::int64_t{out} * in : nullptr;
        add_weight_slopes<rows_of_tile>(
            team, dz, l > 0 ? h : below, fresh, slope, bias_slope);
      }
      if (l == 0 && !pass.input_slope) return;
      multiply<rows_of_tile, Dense::column>(
          team,
          dz,
          out,
          in,
          memory.stage,
          [&](int k, int j) { return w[std::int64_t{k} * in + j]; },
          [&](int r, int j, Real sum) { h(r, j) = sum; });
      if (l == 0) {
        each_entry(team, in, [&](int r, int c) {
          if (first + r < pass.rows) pass.input_slope[(first + r) * in + c] = h(r, c);
        });
        return;
      }
      each_unit(team, l - 1, first, [&](int r, int c, Real factor) {
        const auto at = activate(net.activation, net.leak, below(r, c));
        below(r, c) = h(r, c) * factor * at.slope;
      });
    }
  }
};

}  // namespace femto::cuda
