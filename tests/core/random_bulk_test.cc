// Bulk random numbers: the scalar ones in any batch, and the laws they follow.
#include "femto/core/random_bulk.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace femto::random {
namespace {

struct Case {
  Stream stream;
  std::uint64_t first;
  std::uint32_t block;
  std::size_t n;
};

Case any_case() {
  return {{*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::uint32_t>()},
          *rc::gen::arbitrary<std::uint64_t>(),
          *rc::gen::inRange<std::uint32_t>(0, 4),
          *rc::gen::inRange<std::size_t>(0, 200)};
}

double normal_cdf(double z) {
  return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

/// Largest distance between the empirical distribution and `cdf`.
template <class T, class Cdf>
double kolmogorov(std::vector<T> x, const Cdf& cdf) {
  std::ranges::sort(x);
  const auto n = static_cast<double>(x.size());
  double distance = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double p = cdf(static_cast<double>(x[i]));
    distance = std::max({distance,
                         std::abs(p - static_cast<double>(i) / n),
                         std::abs(p - static_cast<double>(i + 1) / n)});
  }
  return distance;
}

// P(sqrt(n) D > 2.5) = 7e-6 (Kolmogorov's limit law, 2 exp(-2 x^2))
constexpr double kolmogorov_band = 2.5;

TEST(UniformPairsOfKnownBlocks, HoldThePublishedAnswers) {
  // Random123: counter 0 with key 0, and the counter 243f6a88 85a308d3 13198a2e 03707344
  // with key a4093822 299f31d0; word pairs as high and low parts of 52 bits.
  double a = 0, b = 0;
  uniform_pairs({0, 0}, 0, 1, 0, &a, &b);
  EXPECT_EQ(a, to_uniform(0x6627e8d5, 0xe169c58d));
  EXPECT_EQ(b, to_uniform(0xbc57ac4c, 0x9b00dbd8));
  std::vector<double> many_a(9), many_b(9);
  uniform_pairs({0x299f31d0a4093822, 0x13198a2e},
                0x85a308d3243f6a88 - 5,
                9,
                0x03707344,
                many_a.data(),
                many_b.data());
  EXPECT_EQ(many_a[5], to_uniform(0xd16cfe09, 0x94fdcceb));
  EXPECT_EQ(many_b[5], to_uniform(0x5001e420, 0x24126ea1));
}

RC_GTEST_PROP(UniformFloats, AreTheWordsOfEachIndex, ()) {
  const auto c = any_case();
  std::vector<float> out(4 * c.n);
  uniform_floats(c.stream, c.first, c.n, c.block, out.data());
  for (std::size_t i = 0; i < c.n; ++i) {
    const auto bits = c.stream.bits(c.first + i, c.block);
    for (std::size_t k = 0; k < 4; ++k)
      RC_ASSERT(out[4 * i + k] == to_uniform_float(bits[k]));
  }
}

TEST(UniformFloat, LiesInTheOpenInterval) {
  EXPECT_EQ(to_uniform_float(0), 0x1p-24f);
  EXPECT_EQ(to_uniform_float(0xffffffff), 1 - 0x1p-24f);
}

RC_GTEST_PROP(NormalPairs, AreThePairsOneByOne, ()) {
  const auto c = any_case();
  std::vector<double> a(c.n), b(c.n);
  normal_pairs(c.stream, c.first, c.n, c.block, a.data(), b.data());
  for (std::size_t i = 0; i < c.n; ++i) {
    const auto pair = normal_pair(c.stream, c.first + i, c.block);
    RC_ASSERT(std::abs(a[i] - pair[0]) < 1e-14 && std::abs(b[i] - pair[1]) < 1e-14);
  }
}

RC_GTEST_PROP(NormalFloats, AreBoxMullerOfTheWords, ()) {
  const auto c = any_case();
  std::vector<float> out(4 * c.n);
  normal_floats(c.stream, c.first, c.n, c.block, out.data());
  for (std::size_t i = 0; i < c.n; ++i) {
    const auto bits = c.stream.bits(c.first + i, c.block);
    for (std::size_t k = 0; k < 4; k += 2) {
      const double u = ((bits[k] >> 1) + 0.5) * 0x1p-31;
      const double r = std::sqrt(-2 * std::log(u)), v = 2 * M_PI * bits[k + 1] * 0x1p-32;
      // single precision: of u near 1, where r moves fast, and of the angle
      RC_ASSERT(std::abs(out[4 * i + k] - r * std::cos(v)) < 1e-3);
      RC_ASSERT(std::abs(out[4 * i + k + 1] - r * std::sin(v)) < 1e-3);
    }
  }
}

RC_GTEST_PROP(PoissonOnes, AreTheWeightsOneByOne, ()) {
  const auto c = any_case();
  std::vector<double> out(c.n);
  poisson_ones(c.stream, c.first, c.n, out.data());
  for (std::size_t i = 0; i < c.n; ++i)
    RC_ASSERT(out[i] == poisson_one(uniform(c.stream, c.first + i)));
}

RC_GTEST_PROP(Bernoulli, ComparesEachWord, ()) {
  const auto c = any_case();
  const double p = *rc::gen::inRange(0, 1001) / 1000.0;
  std::vector<std::uint8_t> out(4 * c.n);
  bernoulli(c.stream, c.first, c.n, c.block, p, out.data());
  for (std::size_t i = 0; i < c.n; ++i) {
    const auto bits = c.stream.bits(c.first + i, c.block);
    for (std::size_t k = 0; k < 4; ++k)
      RC_ASSERT(out[4 * i + k] == (bits[k] < std::round(p * 0x1p32) ? 1 : 0));
  }
}

RC_GTEST_PROP(BulkNumbers, DoNotDependOnTheBatch, ()) {
  const auto c = any_case();
  const auto cut = c.n ? *rc::gen::inRange<std::size_t>(0, c.n) : 0;
  const auto at = c.first + cut;
  std::vector<double> a(c.n), b(c.n), x(c.n), y(c.n);
  normal_pairs(c.stream, c.first, c.n, c.block, a.data(), b.data());
  normal_pairs(c.stream, c.first, cut, c.block, x.data(), y.data());
  normal_pairs(c.stream, at, c.n - cut, c.block, x.data() + cut, y.data() + cut);
  RC_ASSERT(a == x && b == y);
  std::vector<float> f(4 * c.n), g(4 * c.n);
  normal_floats(c.stream, c.first, c.n, c.block, f.data());
  normal_floats(c.stream, c.first, cut, c.block, g.data());
  normal_floats(c.stream, at, c.n - cut, c.block, g.data() + 4 * cut);
  RC_ASSERT(f == g);
}

TEST(BulkNumbers, FollowTheirLaws) {
  constexpr std::size_t n = 250'000;
  const double root = std::sqrt(4.0 * n);
  std::vector<float> f(4 * n);
  uniform_floats({1, 2}, 0, n, 0, f.data());
  EXPECT_LT(root * kolmogorov(f, [](double x) { return x; }), kolmogorov_band);
  normal_floats({1, 3}, 0, n, 0, f.data());
  EXPECT_LT(root * kolmogorov(f, normal_cdf), kolmogorov_band);
  std::vector<double> z(4 * n);
  normal_pairs({1, 4}, 0, 2 * n, 0, z.data(), z.data() + 2 * n);
  EXPECT_LT(root * kolmogorov(z, normal_cdf), kolmogorov_band);
  std::vector<std::uint8_t> hits(4 * n);
  bernoulli({1, 5}, 0, n, 0, 0.1, hits.data());
  const auto count = std::ranges::count(hits, 1);
  EXPECT_NEAR(static_cast<double>(count), 0.1 * 4 * n, 4 * std::sqrt(0.09 * 4 * n));
}

TEST(NormalDeviates, HaveTheTailsOfTheirLaw) {
  // Expected counts n P(|z| > t) within four Poisson standard deviations.
  constexpr std::size_t n = 4'000'000;
  std::vector<float> f(n);
  normal_floats({6, 7}, 0, n / 4, 0, f.data());
  std::vector<double> z(n);
  normal_pairs({6, 8}, 0, n / 2, 0, z.data(), z.data() + n / 2);
  for (const double t : {3.0, 4.0, 4.5}) {
    const double expected = n * std::erfc(t / std::sqrt(2.0));
    const auto beyond = [t](double x) { return std::abs(x) > t; };
    for (const auto count :
         {std::ranges::count_if(f, beyond), std::ranges::count_if(z, beyond)})
      EXPECT_NEAR(static_cast<double>(count), expected, 4 * std::sqrt(expected)) << t;
  }
}

}  // namespace
}  // namespace femto::random
