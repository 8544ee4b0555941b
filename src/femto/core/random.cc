#include "femto/core/random.h"

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
