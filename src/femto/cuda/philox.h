// The random numbers of femto/core/random.h in a form that GPU code can call: same bits.
#pragma once
#include <cmath>
#include <numbers>
#include <type_traits>

#include "femto/core/random.h"

namespace femto::cuda {

/// The 128 bits that Stream::bits gives. Source: Salmon:2011.
constexpr std::array<std::uint32_t, 4> random_bits(const random::Stream& s,
                                                   std::uint64_t index,
                                                   std::uint32_t block) {
  constexpr std::uint64_t m0 = 0xD2511F53, m1 = 0xCD9E8D57;
  std::uint32_t c0 = static_cast<std::uint32_t>(index);
  std::uint32_t c1 = static_cast<std::uint32_t>(index >> 32);
  std::uint32_t c2 = s.id, c3 = block;
  std::uint32_t k0 = static_cast<std::uint32_t>(s.seed);
  std::uint32_t k1 = static_cast<std::uint32_t>(s.seed >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = m0 * c0, b = m1 * c2;
    c0 = static_cast<std::uint32_t>(b >> 32) ^ c1 ^ k0;
    c1 = static_cast<std::uint32_t>(b);
    c2 = static_cast<std::uint32_t>(a >> 32) ^ c3 ^ k1;
    c3 = static_cast<std::uint32_t>(a);
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return {c0, c1, c2, c3};
}

/// In the open interval (0, 1). double: random::to_uniform; float: its first 23 bits and
/// a half, so the two differ by at most 2^-24.
template <class Real>
constexpr Real to_uniform(std::uint32_t high, std::uint32_t low) {
  if constexpr (std::is_same_v<Real, double>) {
    const auto bits = (static_cast<std::uint64_t>(high) << 20) | (low >> 12);
    return (static_cast<double>(bits) + 0.5) * 0x1p-52;
  } else {
    return (static_cast<Real>(high >> 9) + Real(0.5)) * Real(0x1p-23);
  }
}

/// random::uniform_pair.
template <class Real>
constexpr std::array<Real, 2> uniform_pair(const random::Stream& s,
                                           std::uint64_t index,
                                           std::uint32_t block = 0) {
  const auto b = random_bits(s, index, block);
  return {to_uniform<Real>(b[0], b[1]), to_uniform<Real>(b[2], b[3])};
}

/// random::normal_pair, Box-Muller.
template <class Real>
constexpr std::array<Real, 2> normal_pair(const random::Stream& s,
                                          std::uint64_t index,
                                          std::uint32_t block = 0) {
  const auto [u, v] = uniform_pair<Real>(s, index, block);
  const Real r = std::sqrt(-2 * std::log(u));
  const Real phi = 2 * std::numbers::pi_v<Real> * v;
  return {r * std::cos(phi), r * std::sin(phi)};
}

/// Inverted dropout after hidden layers, eight neighbouring units from one block of bits:
/// the masks of neural::dropout_mask.
struct Dropout {
  random::Stream stream;
  std::uint64_t first = 0;  // index of row 0
  double probability = 0;

  /// Factors 0 or 1 / (1 - p), rounded to float, of units 8 group .. 8 group + 7.
  template <class Real>
  constexpr std::array<Real, 8> factors(std::int64_t row, int layer, int group) const {
    const auto kept = static_cast<Real>(static_cast<float>(1 / (1 - probability)));
    const auto limit = static_cast<std::uint32_t>(probability * 65536);
    const auto bits = random_bits(
        stream,
        first + static_cast<std::uint64_t>(row),
        static_cast<std::uint32_t>(layer) * 65536 + static_cast<std::uint32_t>(group));
    std::array<Real, 8> out{};
    for (std::size_t i = 0; i < 4; ++i) {
      out[2 * i] = (bits[i] & 0xFFFF) < limit ? 0 : kept;
      out[2 * i + 1] = (bits[i] >> 16) < limit ? 0 : kept;
    }
    return out;
  }
};

}  // namespace femto::cuda
