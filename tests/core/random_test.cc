// Counter-based random numbers: published answers, bounds, moments, frequencies.
#include "femto/core/random.h"

#include <cmath>
#include <set>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace femto::random {
namespace {

using Words = std::array<std::uint32_t, 4>;

TEST(Philox, GivesThePublishedAnswers) {
  // Random123 distribution, known-answer vectors of philox4x32-10.
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(
      philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
      (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(
      philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
      (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Stream, PutsSeedIndexAndBlockWhereTheCounterWantsThem) {
  const Stream s{0x1122334455667788, 0xabcdef01};
  EXPECT_EQ(s.bits(0x99aabbccddeeff00, 7),
            philox({0xddeeff00, 0x99aabbcc, 0xabcdef01, 7}, {0x55667788, 0x11223344}));
}

TEST(Stream, IsNamedByPurposeReplicaAndStep) {
  std::set<std::uint32_t> ids;
  for (const auto* purpose : {"events", "bootstrap"})
    for (std::uint64_t replica = 0; replica < 20; ++replica)
      for (std::uint64_t step = 0; step < 20; ++step)
        ids.insert(Stream::named(1, purpose, replica, step).id);
  EXPECT_EQ(ids.size(), 800u);
}

TEST(Uniform, LiesInTheOpenInterval) {
  EXPECT_EQ(to_uniform(0, 0), 0x1p-53);
  EXPECT_EQ(to_uniform(0xffffffff, 0xffffffff), 1 - 0x1p-53);
}

TEST(Uniform, AxesAreTheHalvesOfBlocks) {
  const Stream s{3, 4};
  for (std::uint32_t axis = 0; axis < 6; ++axis)
    EXPECT_EQ(uniform(s, 10, axis), uniform_pair(s, 10, axis / 2)[axis % 2]);
}

RC_GTEST_PROP(UniformPairs, AreThePairsOneByOne, ()) {
  const Stream s{*rc::gen::arbitrary<std::uint64_t>(),
                 *rc::gen::arbitrary<std::uint32_t>()};
  const auto first = *rc::gen::arbitrary<std::uint64_t>();
  const auto n = *rc::gen::inRange<std::size_t>(0, 600);
  const auto block = *rc::gen::inRange<std::uint32_t>(0, 4);
  std::vector<double> a(n), b(n), only(n);
  uniform_pairs(s, first, n, block, a.data(), b.data());
  uniform_pairs(s, first, n, block, only.data(), nullptr);
  for (std::size_t i = 0; i < n; ++i) {
    const auto pair = uniform_pair(s, first + i, block);
    RC_ASSERT(a[i] == pair[0] && b[i] == pair[1] && only[i] == pair[0]);
  }
}

TEST(Uniform, HasTheMomentsOfTheUniformLaw) {
  constexpr int n = 200000;
  const Stream s{5, 6};
  double sum = 0, squares = 0, product = 0;
  for (int i = 0; i < n; ++i) {
    const auto [u, v] = uniform_pair(s, static_cast<std::uint64_t>(i));
    sum += u, squares += u * u, product += (u - 0.5) * (v - 0.5);
  }
  // four standard deviations of the means of u, u^2 and (u-1/2)(v-1/2)
  EXPECT_NEAR(sum / n, 0.5, 4 * std::sqrt(1.0 / 12 / n));
  EXPECT_NEAR(squares / n, 1.0 / 3, 4 * std::sqrt((1.0 / 5 - 1.0 / 9) / n));
  EXPECT_NEAR(product / n, 0, 4 / 12.0 / std::sqrt(n));
}

TEST(Normal, HasTheMomentsOfTheNormalLaw) {
  constexpr int n = 200000;
  const Stream s{7, 8};
  double moment[5] = {}, cross = 0;
  for (int i = 0; i < n; ++i) {
    const auto pair = normal_pair(s, static_cast<std::uint64_t>(i));
    for (const double z : pair)
      for (int k = 1; k <= 4; ++k) moment[k] += std::pow(z, k) / (2.0 * n);
    cross += pair[0] * pair[1] / n;
  }
  // variances of z, z^2, z^3, z^4 are 1, 2, 15, 96; 2 n deviates
  EXPECT_NEAR(moment[1], 0, 4 * std::sqrt(1 / (2.0 * n)));
  EXPECT_NEAR(moment[2], 1, 4 * std::sqrt(2 / (2.0 * n)));
  EXPECT_NEAR(moment[3], 0, 4 * std::sqrt(15 / (2.0 * n)));
  EXPECT_NEAR(moment[4], 3, 4 * std::sqrt(96 / (2.0 * n)));
  EXPECT_NEAR(cross, 0, 4 / std::sqrt(n));
}

TEST(PoissonOne, HasTheFrequenciesOfThePoissonLaw) {
  constexpr int n = 200000;
  const Stream s{9, 10};
  std::array<int, 21> count{};
  for (int i = 0; i < n; ++i)
    ++count[static_cast<std::size_t>(
        poisson_one(uniform(s, static_cast<std::uint64_t>(i))))];
  double p = std::exp(-1.0);
  for (std::size_t k = 0; k < 7; ++k) {
    EXPECT_NEAR(count[k], n * p, 4 * std::sqrt(n * p * (1 - p))) << k;
    p /= static_cast<double>(k + 1);
  }
}

TEST(PoissonOne, InvertsTheDistributionAtItsSteps) {
  const double none = std::exp(-1.0);
  EXPECT_EQ(poisson_one(none * (1 - 1e-12)), 0);
  EXPECT_EQ(poisson_one(none * (1 + 1e-12)), 1);
  EXPECT_EQ(poisson_one(2.5 * none * (1 + 1e-12)), 3);
  EXPECT_EQ(poisson_one(0x1p-53), 0);
  EXPECT_LE(poisson_one(1 - 0x1p-53), 20);
}

/// P(count <= k) by adding up the probabilities.
double cumulative(std::uint64_t k, double mean) {
  double p = std::exp(-mean), sum = p;
  for (std::uint64_t i = 1; i <= k; ++i) sum += p *= mean / static_cast<double>(i);
  return sum;
}

TEST(Poisson, IsTheQuantile) {
  for (const double mean : {0.1, 1.0, 5.5, 40.0, 300.0})
    for (const double u : {1e-6, 0.1, 0.5, 0.9, 0.999999}) {
      const auto k = poisson(u, mean);
      EXPECT_GE(cumulative(k, mean), u * (1 - 1e-12)) << mean << " " << u;
      if (k == 0) continue;
      EXPECT_LT(cumulative(k - 1, mean), u * (1 + 1e-12)) << mean << " " << u;
    }
  EXPECT_EQ(poisson(0.3, 0), 0u);
}

TEST(Poisson, FollowsTheNormalLawForLargeMeans) {
  // quantile ~ mean + z sd + (z^2 - 1)/6 (Cornish-Fisher), z(0.975) = 1.959964
  for (const double mean : {1e6, 1e9}) {
    const double z = 1.959963984540054;
    const double expected = mean + z * std::sqrt(mean) + (z * z - 1) / 6;
    EXPECT_NEAR(static_cast<double>(poisson(0.975, mean)), expected, 1.5);
  }
}

}  // namespace
}  // namespace femto::random
