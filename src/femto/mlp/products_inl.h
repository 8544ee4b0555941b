// The three matrix products of a tile. Included once per instruction set by tile.cc.
#include <cstddef>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();

namespace femto::mlp::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Vec = hn::Vec<hn::ScalableTag<T>>;

template <class T>
inline constexpr std::size_t lanes_of = hn::MaxLanes(hn::ScalableTag<T>());

template <class T>
inline constexpr std::size_t panel_of = 2 * lanes_of<T>;

// Blocks of row_block x 2 vectors of sums: with 32 registers 16 of them, more than the
// latency of two multiply-add units needs; with 16 registers 12.
inline constexpr std::size_t row_block =
    HWY_TARGET <= HWY_AVX3 || HWY_TARGET == HWY_NEON ? 8 : 6;

template <class T>
struct Sums {
  Vec<T> at[row_block][2];
};

/// A matrix [row, depth]: panels of `width` columns, `panel` numbers apart.
template <class T>
struct Left {
  const T* at;
  std::size_t width, panel, depth;
};

/// finish(p, row, sums) gets finish.start(p, half) + left * right for row_block rows from
/// `row` and the columns of panel p. right: [panel][depth][column in panel].
template <class T, class Finish>
HWY_INLINE void multiply(const Left<T>& left,
                         std::size_t rows,
                         const T* right,
                         std::size_t panels,
                         const Finish& finish) {
  const hn::ScalableTag<T> d;
  for (std::size_t p = 0; p < panels; ++p, right += left.depth * panel_of<T>)
    for (std::size_t row = 0; row < rows; row += row_block) {
      Sums<T> sums;
      const auto from0 = finish.start(p, 0), from1 = finish.start(p, 1);
#pragma GCC unroll 8
      for (std::size_t i = 0; i < row_block; ++i) {
        sums.at[i][0] = from0;
        sums.at[i][1] = from1;
      }
      const T *a = left.at + row * left.width, *b = right;
      for (std::size_t k = 0; k < left.depth; k += left.width, a += left.panel) {
        const std::size_t end = HWY_MIN(left.width, left.depth - k);
        for (std::size_t j = 0; j < end; ++j, b += panel_of<T>) {
          const auto b0 = hn::Load(d, b), b1 = hn::Load(d, b + lanes_of<T>);
#pragma GCC unroll 8
          for (std::size_t i = 0; i < row_block; ++i) {
            const auto value = hn::Set(d, a[i * left.width + j]);
            sums.at[i][0] = hn::MulAdd(value, b0, sums.at[i][0]);
            sums.at[i][1] = hn::MulAdd(value, b1, sums.at[i][1]);
          }
        }
      }
      finish(p, row, sums);
    }
}

/// sums[m][column] += sum over rows of a[row][m] * b[row][column], m < M.
template <std::size_t M, class T>
HWY_INLINE void add_outer(
    const T* a, std::size_t width, std::size_t rows, const T* b, T* sums) {
  const hn::ScalableTag<T> d;
  Vec<T> s[M][2];
#pragma GCC unroll 8
  for (std::size_t i = 0; i < M; ++i) s[i][0] = s[i][1] = hn::Zero(d);
  for (std::size_t r = 0; r < rows; ++r, a += width, b += panel_of<T>) {
    const auto b0 = hn::Load(d, b), b1 = hn::Load(d, b + lanes_of<T>);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < M; ++i) {
      const auto value = hn::Set(d, a[i]);
      s[i][0] = hn::MulAdd(value, b0, s[i][0]);
      s[i][1] = hn::MulAdd(value, b1, s[i][1]);
    }
  }
#pragma GCC unroll 8
  for (std::size_t i = 0; i < M; ++i)
    for (std::size_t h = 0; h < 2; ++h) {
      T* to = sums + i * panel_of<T> + h * lanes_of<T>;
      hn::Store(hn::Add(hn::Load(d, to), s[i][h]), d, to);
    }
}

template <std::size_t M, class T>
void add_outer_of(
    std::size_t m, const T* a, std::size_t width, std::size_t rows, const T* b, T* sums) {
  if (m == M) return add_outer<M>(a, width, rows, b, sums);
  if constexpr (M > 1) add_outer_of<M - 1>(m, a, width, rows, b, sums);
}

/// sums += left^T * right over the rows of a tile; right: panels, `stride` numbers apart;
/// sums: [panel][column of left][column in panel].
template <class T>
void multiply_transposed(const Left<T>& left,
                         std::size_t rows,
                         const T* right,
                         std::size_t stride,
                         std::size_t panels,
                         T* sums) {
  for (std::size_t p = 0; p < panels; ++p, right += stride)
    for (std::size_t k = 0; k < left.depth; k += left.width) {
      const T* a = left.at + k / left.width * left.panel;
      const std::size_t end = HWY_MIN(left.width, left.depth - k);
      for (std::size_t j = 0; j < end; j += row_block) {
        const std::size_t m = HWY_MIN(row_block, end - j);
        add_outer_of<row_block>(m, a + j, left.width, rows, right, sums);
        sums += m * panel_of<T>;
      }
    }
}

/// out[row][n] = start[n] + the sum over columns of left and right [panel][n][column in
/// panel], for a few n; `start` may be null.
template <class T>
void multiply_narrow(const T* left,
                     std::size_t stride,
                     std::size_t rows,
                     const T* right,
                     std::size_t panels,
                     std::size_t count,
                     const T* start,
                     T* out) {
  const hn::ScalableTag<T> d;
  constexpr std::size_t together = 4;  // rows, for as many chains of sums
  for (std::size_t row = 0; row < rows; row += together)
    for (std::size_t n = 0; n < count; ++n) {
      Vec<T> s[together];
#pragma GCC unroll 4
      for (std::size_t i = 0; i < together; ++i) s[i] = hn::Zero(d);
      for (std::size_t p = 0; p < panels; ++p) {
        const T* b = right + (p * count + n) * panel_of<T>;
        const T* a = left + p * stride + row * panel_of<T>;
        const auto b0 = hn::Load(d, b), b1 = hn::Load(d, b + lanes_of<T>);
#pragma GCC unroll 4
        for (std::size_t i = 0; i < together; ++i) {
          const T* at = a + i * panel_of<T>;
          s[i] = hn::MulAdd(hn::Load(d, at), b0, s[i]);
          s[i] = hn::MulAdd(hn::Load(d, at + lanes_of<T>), b1, s[i]);
        }
      }
      const std::size_t end = HWY_MIN(together, rows - row);
      for (std::size_t i = 0; i < end; ++i)
        out[(row + i) * count + n] =
            hn::GetLane(hn::SumOfLanes(d, s[i])) + (start ? start[n] : T(0));
    }
}

}  // namespace femto::mlp::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();
