// Random numbers on the device: the CPU's.
#include "tests/gpu/device.h"
#include <gtest/gtest.h>

namespace femto {
namespace {

using testing::Device;

constexpr std::size_t n = 100000;
const random::Stream stream{3, 4};

TEST(GpuRandom, UniformsAreThoseOfTheStreamToTheLastBit) {
  Device::Array<double> a(n), b(n);
  cuda::launch(cuda::UniformPairs<double>{stream, 1ull << 40, 2, n, a.data(), b.data()},
               cuda::Stream{});
  const auto first = a.values(), second = b.values();
  for (std::size_t i = 0; i < n; ++i) {
    const auto u = random::uniform_pair(stream, (1ull << 40) + i, 2);
    ASSERT_EQ(first[i], u[0]);
    ASSERT_EQ(second[i], u[1]);
  }
}

TEST(GpuRandom, NormalsAreThoseOfTheStream) {
  Device::Array<double> a(n), b(n);
  cuda::launch(cuda::NormalPairs<double>{stream, 0, 0, n, a.data(), b.data()},
               cuda::Stream{});
  const auto first = a.values(), second = b.values();
  for (std::size_t i = 0; i < n; ++i) {
    const auto z = random::normal_pair(stream, i);
    // ln, sin and cos of two libraries, each within 2 units in the last place
    ASSERT_NEAR(first[i], z[0], 1e-14);
    ASSERT_NEAR(second[i], z[1], 1e-14);
  }
}

TEST(GpuRandom, MasksAreThoseOfTheCpuToTheLastBit) {
  constexpr std::int64_t rows = 1000, width = 125;
  const cuda::DropoutMask<float> kernel{{stream, 50, 0.3}, 2, rows, width};
  Device::Array<float> device(rows * width);
  testing::Host::Array<float> host(rows * width);
  auto here = kernel, there = kernel;
  here.mask = host.data(), there.mask = device.data();
  cuda::launch(here, cuda::OnHost{});
  cuda::launch(there, cuda::Stream{});
  EXPECT_EQ(device.values(), host.values());
}

}  // namespace
}  // namespace femto
