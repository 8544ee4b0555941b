// Dropout masks of a tile from Philox in vectors. Included once per instruction set.
#include <cstddef>
#include <cstdint>

#include <hwy/highway.h>

#include "femto/mlp/pass.h"

HWY_BEFORE_NAMESPACE();

namespace femto::mlp::HWY_NAMESPACE {

inline constexpr std::size_t mask_blocks = 8;  // at a time

/// The 128 random bits of blocks first_block, first_block + 1, ... of one index; the same
/// as random::Stream::bits. A plain loop that compilers turn into vectors.
inline void philox_blocks(const random::Stream& stream,
                          std::uint64_t index,
                          std::uint64_t first_block,
                          std::uint64_t* to) {
  constexpr std::uint64_t m0 = 0xD2511F53, m1 = 0xCD9E8D57, low = 0xFFFFFFFF;
  for (std::size_t i = 0; i < mask_blocks; ++i) {
    // 32-bit words in 64-bit lanes: the multiplication then needs no shuffles.
    std::uint64_t c0 = index & low, c1 = index >> 32, c2 = stream.id;
    std::uint64_t c3 = first_block + i;
    std::uint64_t k0 = stream.seed & low, k1 = stream.seed >> 32;
#pragma GCC unroll 10
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t p = m0 * c0, q = m1 * c2;
      c0 = (q >> 32) ^ c1 ^ k0;
      c1 = q & low;
      c2 = (p >> 32) ^ c3 ^ k1;
      c3 = p & low;
      k0 = (k0 + 0x9E3779B9) & low;
      k1 = (k1 + 0xBB67AE85) & low;
    }
    to[2 * i] = c0 | c1 << 32;
    to[2 * i + 1] = c2 | c3 << 32;
  }
}

/// mask, in panels of `stride` numbers: 0 or 1 / (1 - p) for the rows of a tile from row
/// `first` of the batch.
template <class T>
void fill_mask(const DropoutKey& key,
               double p,
               std::size_t layer,
               std::size_t first,
               std::size_t rows,
               std::size_t stride,
               std::size_t panels,
               T* mask) {
  constexpr std::size_t entries = 8 * mask_blocks;  // of 16 bits
  const auto kept = static_cast<T>(static_cast<float>(1 / (1 - p)));
  const auto limit = static_cast<std::uint32_t>(p * 65536);
  const std::size_t width = panels * panel_of<T>;
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t column = 0; column < width; column += entries) {
      HWY_ALIGN std::uint64_t bits[2 * mask_blocks];
      philox_blocks(key.stream, key.first + first + r, layer * 65536 + column / 8, bits);
      const std::size_t end = HWY_MIN(entries, width - column);
      for (std::size_t j = 0; j < end; j += panel_of<T>) {
        T* to = mask + (column + j) / panel_of<T> * stride + r * panel_of<T>;
        for (std::size_t k = 0; k < panel_of<T>; ++k) {
          const auto drawn = (bits[(j + k) / 4] >> (16 * ((j + k) % 4))) & 0xFFFF;
          to[k] = drawn < limit ? T(0) : kept;
        }
      }
    }
}

}  // namespace femto::mlp::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();
