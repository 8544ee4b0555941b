// Random numbers of many consecutive indices at once, in the widest vectors there are.
#pragma once
#include <cstddef>
#include <cstdint>

#include "femto/core/random.h"

namespace femto::random {

// All of these fill the numbers of indices first .. first + n - 1, and number i of them
// depends on (seed, stream, first + i, block) alone: in whatever batches and threads an
// index is asked for, and whatever vectors the machine has, its uniforms are the same
// bits, and its normals are the same bits wherever the instruction set is.

/// A float in the open interval (0, 1) with 23 random bits.
inline float to_uniform_float(std::uint32_t word) {
  return (static_cast<float>(word >> 9) + 0.5f) * 0x1p-23f;
}

/// The uniforms of the four words of each index: out[n][4].
void uniform_floats(
    const Stream& s, std::uint64_t first, std::size_t n, std::uint32_t block, float* out);

/// The deviates of normal_pair up to rounding (1e-14): a[n] and b[n]. By Box-Muller; the
/// largest possible is sqrt(2 * 53 ln 2) = 8.57.
void normal_pairs(const Stream& s,
                  std::uint64_t first,
                  std::size_t n,
                  std::uint32_t block,
                  double* a,
                  double* b);

/// Four standard normal deviates of each index, in single precision: out[n][4]. By
/// Box-Muller from 31 bits; the largest possible is sqrt(2 * 32 ln 2) = 6.66, beyond
/// which lies a probability of 3e-11.
void normal_floats(
    const Stream& s, std::uint64_t first, std::size_t n, std::uint32_t block, float* out);

/// Four decisions of each index, 1 with the given probability (to 2^-32) and 0 otherwise:
/// out[n][4].
void bernoulli(const Stream& s,
               std::uint64_t first,
               std::size_t n,
               std::uint32_t block,
               double probability,
               std::uint8_t* out);

/// poisson_one(uniform(s, index)): out[n], the weights of one bootstrap replica.
void poisson_ones(const Stream& s, std::uint64_t first, std::size_t n, double* out);

}  // namespace femto::random
