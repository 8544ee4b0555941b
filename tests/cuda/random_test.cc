// Random numbers of the kernels: published answers, and the bits of femto/core/random.h.
#include <cmath>

#include "tests/cuda/machine.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace femto {
namespace {

using testing::Host;

TEST(CudaRandom, PhiloxGivesThePublishedAnswers) {
  // counter (index low, index high, stream, block), key (seed low, seed high); from the
  // known-answer file of the Random123 distribution (Salmon:2011)
  struct Answer {
    random::Stream stream;
    std::uint64_t index;
    std::uint32_t block;
    std::array<std::uint32_t, 4> bits;
  };

  const Answer published[] = {
      {{0, 0}, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{~0ull, ~0u}, ~0ull, ~0u, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x299f31d0a4093822, 0x13198a2e},
       0x85a308d3243f6a88,
       0x03707344,
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (const auto& a : published)
    EXPECT_EQ(cuda::random_bits(a.stream, a.index, a.block), a.bits);
}

RC_GTEST_PROP(CudaRandom, BitsAreThoseOfTheStream, ()) {
  const random::Stream s{*rc::gen::arbitrary<std::uint64_t>(),
                         *rc::gen::arbitrary<std::uint32_t>()};
  const auto index = *rc::gen::arbitrary<std::uint64_t>();
  const auto block = *rc::gen::arbitrary<std::uint32_t>();
  RC_ASSERT(cuda::random_bits(s, index, block) == s.bits(index, block));
  const auto single = cuda::uniform_pair<float>(s, index, block);
  const auto full = random::uniform_pair(s, index, block);
  RC_ASSERT(cuda::uniform_pair<double>(s, index, block) == full);
  for (std::size_t i = 0; i < 2; ++i) RC_ASSERT(std::abs(single[i] - full[i]) <= 0x1p-24);
}

TEST(CudaRandom, SinglePrecisionStaysInsideTheOpenInterval) {
  EXPECT_GT(cuda::to_uniform<float>(0, 0), 0.0f);
  EXPECT_LT(cuda::to_uniform<float>(~0u, ~0u), 1.0f);
}

TEST(CudaRandom, KernelsWriteTheNumbersOfTheStream) {
  constexpr std::size_t n = 1000;
  const random::Stream s{3, 4};
  Host::Array<double> a(n), b(n), c(n), d(n);
  cuda::launch(cuda::UniformPairs<double>{s, 77, 2, n, a.data(), b.data()},
               cuda::OnHost{});
  cuda::launch(cuda::NormalPairs<double>{s, 77, 2, n, c.data(), d.data()},
               cuda::OnHost{});
  for (std::size_t i = 0; i < n; ++i) {
    const auto u = random::uniform_pair(s, 77 + i, 2);
    const auto z = random::normal_pair(s, 77 + i, 2);
    ASSERT_EQ(a.values()[i], u[0]);
    ASSERT_EQ(b.values()[i], u[1]);
    // the same formula, rounded by the same library
    ASSERT_NEAR(c.values()[i], z[0], 1e-14);
    ASSERT_NEAR(d.values()[i], z[1], 1e-14);
  }
}

TEST(CudaRandom, MasksDropTheChosenShareAndKeepTheMean) {
  constexpr std::int64_t rows = 4001, width = 13;
  constexpr double p = 0.3;
  Host::Array<float> mask(rows * width);
  cuda::launch(cuda::DropoutMask<float>{{{1, 2}, 0, p}, 1, rows, width, mask.data()},
               cuda::OnHost{});
  double dropped = 0, sum = 0;
  for (const float m : mask.values()) {
    ASSERT_TRUE(m == 0 || m == 1 / 0.7f) << m;
    dropped += m == 0;
    sum += m;
  }
  const double n = rows * width;
  const double sd = std::sqrt(p * (1 - p) / n);
  EXPECT_NEAR(dropped / n, p, 4 * sd + 1.0 / 65536);  // 16 bits per entry
  EXPECT_NEAR(sum / n, 1, 4 * sd / (1 - p) + 2.0 / 65536);
}

}  // namespace
}  // namespace femto
