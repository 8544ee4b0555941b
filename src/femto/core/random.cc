#include "femto/core/random.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include <boost/math/distributions/poisson.hpp>

#include "femto/core/hash.h"

namespace femto::random {

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> c,
                                    std::array<std::uint32_t, 2> k) {
  constexpr std::uint64_t m0 = 0xD2511F53, m1 = 0xCD9E8D57;
  constexpr std::uint32_t w0 = 0x9E3779B9, w1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = m0 * c[0], b = m1 * c[2];
    c = {static_cast<std::uint32_t>(b >> 32) ^ c[1] ^ k[0],
         static_cast<std::uint32_t>(b),
         static_cast<std::uint32_t>(a >> 32) ^ c[3] ^ k[1],
         static_cast<std::uint32_t>(a)};
    k[0] += w0;
    k[1] += w1;
  }
  return c;
}

Stream Stream::named(std::uint64_t seed,
                     std::string_view purpose,
                     std::uint64_t replica,
                     std::uint64_t step) {
  const std::uint64_t parts[] = {hash64(purpose), replica, step};
  const auto h = hash64({reinterpret_cast<const char*>(parts), sizeof parts});
  return {seed, static_cast<std::uint32_t>(h ^ (h >> 32))};
}

std::array<std::uint32_t, 4> Stream::bits(std::uint64_t index,
                                          std::uint32_t block) const {
  return philox(
      {static_cast<std::uint32_t>(index),
       static_cast<std::uint32_t>(index >> 32),
       id,
       block},
      {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
}

double to_uniform(std::uint32_t high, std::uint32_t low) {
  // 52 bits and a half: with 53 the added half rounds and 1 can occur.
  const auto bits = (static_cast<std::uint64_t>(high) << 20) | (low >> 12);
  return (static_cast<double>(bits) + 0.5) * 0x1p-52;
}

std::array<double, 2> uniform_pair(const Stream& s,
                                   std::uint64_t index,
                                   std::uint32_t block) {
  const auto b = s.bits(index, block);
  return {to_uniform(b[0], b[1]), to_uniform(b[2], b[3])};
}

namespace {

/// Philox for `lanes` consecutive indices; plain loops that compilers turn into vectors.
[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]] void pairs_of(
    std::uint64_t seed,
    std::uint32_t id,
    std::uint64_t first,
    std::uint32_t block,
    std::size_t n,
    double* a,
    double* b) {
  constexpr std::uint64_t m0 = 0xD2511F53, m1 = 0xCD9E8D57;
  for (std::size_t i = 0; i < n; ++i) {
    // 32-bit words in 64-bit lanes: the multiplication then needs no shuffles.
    const std::uint64_t index = first + i, low = 0xFFFFFFFF;
    std::uint64_t c0 = index & low, c1 = index >> 32, c2 = id, c3 = block;
    std::uint64_t k0 = seed & low, k1 = seed >> 32;
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
    // An integer below 2^52 with the exponent of 2^52 is 2^52 plus that integer.
    const std::uint64_t exponent = 0x4330000000000000;
    const double x = std::bit_cast<double>(exponent | (c0 << 20) | (c1 >> 12));
    const double y = std::bit_cast<double>(exponent | (c2 << 20) | (c3 >> 12));
    a[i] = ((x - 0x1p52) + 0.5) * 0x1p-52;
    b[i] = ((y - 0x1p52) + 0.5) * 0x1p-52;
  }
}

}  // namespace

void uniform_pairs(const Stream& s,
                   std::uint64_t first,
                   std::size_t n,
                   std::uint32_t block,
                   double* a,
                   double* b) {
  constexpr std::size_t size = 256;
  double unused[size];
  for (std::size_t i = 0; i < n; i += size) {
    const std::size_t m = std::min(size, n - i);
    pairs_of(s.seed, s.id, first + i, block, m, a + i, b ? b + i : unused);
  }
}

double uniform(const Stream& s, std::uint64_t index, std::uint32_t axis) {
  return uniform_pair(s, index, axis / 2)[axis % 2];
}

std::array<double, 2> normal_pair(const Stream& s,
                                  std::uint64_t index,
                                  std::uint32_t block) {
  const auto [u, v] = uniform_pair(s, index, block);
  const double r = std::sqrt(-2 * std::log(u));
  const double phi = 2 * std::numbers::pi * v;
  return {r * std::cos(phi), r * std::sin(phi)};
}

int poisson_one(double u) {
  double p = std::exp(-1.0), cumulative = p;
  int k = 0;
  while (u > cumulative && k < 20) {
    p /= ++k;
    cumulative += p;
  }
  return k;
}

std::uint64_t poisson(double u, double mean) {
  if (mean <= 0) return 0;
  using boost::math::policies::discrete_quantile;
  using boost::math::policies::integer_round_up;
  using Policy = boost::math::policies::policy<discrete_quantile<integer_round_up>>;
  const boost::math::poisson_distribution<double, Policy> law(mean);
  return static_cast<std::uint64_t>(boost::math::quantile(law, u));
}

}  // namespace femto::random
