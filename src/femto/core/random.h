// Counter-based random numbers: a value depends only on (seed, stream, index, block).
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace femto::random {

/// Philox4x32-10. Source: Salmon:2011 (section 4.3 and the published known answers).
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key);

/// One independent sequence, named by what it is for. Values are pure functions of
/// (seed, stream, index): no state, so any thread may ask for any index.
struct Stream {
  std::uint64_t seed = 0;
  std::uint32_t id = 0;

  /// The stream of `purpose` ("sampler", "bootstrap", ...); `replica` counts copies
  /// (ensemble member, toy) and `step` iterations.
  static Stream named(std::uint64_t seed,
                      std::string_view purpose,
                      std::uint64_t replica = 0,
                      std::uint64_t step = 0);

  /// The 128 random bits of one index and block.
  std::array<std::uint32_t, 4> bits(std::uint64_t index, std::uint32_t block = 0) const;
};

/// A double in the open interval (0, 1) with 52 random bits.
double to_uniform(std::uint32_t high, std::uint32_t low);

/// Two uniforms in (0, 1): the first for axis 0, the second for axis 1.
std::array<double, 2> uniform_pair(const Stream& s,
                                   std::uint64_t index,
                                   std::uint32_t block = 0);

/// The pairs of indices first .. first + n - 1 at once: a[n] and, unless null, b[n]. The
/// same numbers as uniform_pair, computed in vectors.
void uniform_pairs(const Stream& s,
                   std::uint64_t first,
                   std::size_t n,
                   std::uint32_t block,
                   double* a,
                   double* b);

/// One uniform in (0, 1); `axis` counts further draws of the same index.
double uniform(const Stream& s, std::uint64_t index, std::uint32_t axis = 0);

/// Two independent standard normal deviates by Box-Muller (tails to 8.5 standard
/// deviations).
std::array<double, 2> normal_pair(const Stream& s,
                                  std::uint64_t index,
                                  std::uint32_t block = 0);

/// Poisson(1) count by table inversion: the weight of one event in one bootstrap replica.
int poisson_one(double u);

/// Poisson(mean) count by inversion for any mean up to 1e9 (normal quantile start for
/// large means).
std::uint64_t poisson(double u, double mean);

}  // namespace femto::random
