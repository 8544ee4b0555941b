// Samplers on the device: the events and slopes of the CPU's body.
#include "tests/gpu/device.h"
#include <gtest/gtest.h>

namespace femto {
namespace {

using testing::Device;
using testing::Host;

// Additions, products, divisions and square roots are rounded alike on both sides, and
// nothing is contracted: the last bit agrees.
template <class Real>
void expect_same(const testing::Drawn<Real>& device, const testing::Drawn<Real>& host) {
  EXPECT_EQ(device.x, host.x);
  EXPECT_EQ(device.y, host.y);
  EXPECT_EQ(device.slope, host.slope);
}

TEST(GpuSampler, LinesAreThoseOfTheCpuToTheLastBit) {
  for (const auto& c : {testing::line_case(1, 100000, 1001),
                        testing::line_case(1024, 100, 101),
                        testing::line_case(300, 3, 2)}) {
    expect_same(testing::run_line<float>(Device{}, c),
                testing::run_line<float>(Host{}, c));
    expect_same(testing::run_line<double>(Device{}, c),
                testing::run_line<double>(Host{}, c));
  }
}

TEST(GpuSampler, PlanesAreThoseOfTheCpuToTheLastBit) {
  for (const auto& c : {testing::plane_case(1, 100000, 100, 100),
                        testing::plane_case(64, 100, 30, 20),
                        testing::plane_case(40, 1, 2, 2)}) {
    expect_same(testing::run_plane<float>(Device{}, c),
                testing::run_plane<float>(Host{}, c));
    expect_same(testing::run_plane<double>(Device{}, c),
                testing::run_plane<double>(Host{}, c));
  }
}

TEST(GpuSampler, LoitsIsThatOfTheCpuToTheLastBit) {
  for (const auto variant : {cuda::LoitsVariant::lite, cuda::LoitsVariant::corner})
    for (const int axes : {1, 2}) {
      const testing::LoitsCase c{variant, axes, 3, 50000, 20, 10};
      expect_same(testing::run_loits<float>(Device{}, c),
                  testing::run_loits<float>(Host{}, c));
      expect_same(testing::run_loits<double>(Device{}, c),
                  testing::run_loits<double>(Host{}, c));
    }
}

}  // namespace
}  // namespace femto
