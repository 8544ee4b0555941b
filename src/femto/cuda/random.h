// Kernels that write random numbers to memory: uniforms, normals, dropout masks.
#pragma once
#include "femto/cuda/launch.h"
#include "femto/cuda/philox.h"

namespace femto::cuda {

/// a[i], b[i] (b may be null) are Source's pair of index first + i.
template <class Source>
struct Pairs {
  using Real = typename Source::Real;
  static constexpr const char* name = Source::name;
  static constexpr int threads = 256;

  random::Stream stream;
  std::uint64_t first = 0;
  std::uint32_t block_number = 0;
  std::int64_t n = 0;
  Real *a = nullptr, *b = nullptr;

  std::int64_t blocks() const { return ceil_div(n, threads); }

  std::size_t shared_bytes() const { return 0; }

  template <class Team>
  constexpr void operator()(const Team& team, const Block& block) const {
    each_index<threads>(team, block, n, [&](std::int64_t i) {
      const auto pair =
          Source::at(stream, first + static_cast<std::uint64_t>(i), block_number);
      a[i] = pair[0];
      if (b) b[i] = pair[1];
    });
  }
};

template <class T>
struct UniformPair {
  using Real = T;
  static constexpr const char* name = "uniform_pairs";

  static constexpr auto at(const random::Stream& s,
                           std::uint64_t i,
                           std::uint32_t block) {
    return uniform_pair<T>(s, i, block);
  }
};

template <class T>
struct NormalPair {
  using Real = T;
  static constexpr const char* name = "normal_pairs";

  static constexpr auto at(const random::Stream& s,
                           std::uint64_t i,
                           std::uint32_t block) {
    return normal_pair<T>(s, i, block);
  }
};

template <class T>
using UniformPairs = Pairs<UniformPair<T>>;
template <class T>
using NormalPairs = Pairs<NormalPair<T>>;

/// The dropout mask [row, width] of one hidden layer.
template <class Real>
struct DropoutMask {
  static constexpr const char* name = "dropout_mask";
  static constexpr int threads = 256;

  Dropout dropout;
  int layer = 0;
  std::int64_t rows = 0, width = 0;
  Real* mask = nullptr;

  std::int64_t groups() const { return ceil_div(width, 8); }

  std::int64_t blocks() const { return ceil_div(rows * groups(), threads); }

  std::size_t shared_bytes() const { return 0; }

  template <class Team>
  constexpr void operator()(const Team& team, const Block& block) const {
    const std::int64_t per_row = ceil_div(width, 8);
    each_index<threads>(team, block, rows * per_row, [&](std::int64_t i) {
      const std::int64_t row = i / per_row, group = i % per_row;
      const auto factor = dropout.factors<Real>(row, layer, static_cast<int>(group));
      for (std::int64_t j = 0; j < 8; ++j)
        if (8 * group + j < width)
          mask[row * width + 8 * group + j] = factor[static_cast<std::size_t>(j)];
    });
  }
};

}  // namespace femto::cuda
