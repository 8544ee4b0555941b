// Memory of fused perceptrons: nothing is allocated by a pass, and the workspace is
// small.
#include <atomic>
#include <cstdlib>
#include <new>
#include <vector>

#include <gtest/gtest.h>

#include "femto/core/threads.h"
#include "femto/mlp/mlp.h"

namespace {

std::atomic<std::size_t> allocations = 0;

void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  if (void* p = std::aligned_alloc(alignment, rounded)) return p;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) {
  return counted(size, alignof(std::max_align_t));
}

void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}

void operator delete(void* p) noexcept {
  std::free(p);
}

void operator delete(void* p, std::size_t) noexcept {
  std::free(p);
}

void operator delete(void* p, std::align_val_t) noexcept {
  std::free(p);
}

void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
  std::free(p);
}

using namespace femto;
using namespace femto::mlp;

TEST(FusedMemory, PassesAllocateNothing) {
  for (const int threads : {1, 2}) {
    set_threads(threads);
    Mlp<float> network({2, {128, 128}, 1, Activation::gelu, 0.2, true, 0.1});
    const std::vector<float> weights(network.size(), 0.01f);
    std::vector<std::span<const float>> parameters;
    std::size_t at = 0;
    for (const auto n : parameter_sizes({2, {128, 128}, 1})) {
      parameters.push_back(std::span(weights).subspan(at, n));
      at += n;
    }
    const std::vector<float> x(2 * 10'000, 0.5f), target{1};
    std::vector<float> dw(network.size()), dx(x.size());
    const auto step = [&] {
      network.set_parameters(parameters);
      return network.run({.rows = 10'000,
                          .x = x,
                          .loss = Loss::bce,
                          .upstream = target,
                          .dropout = DropoutKey{},
                          .weight_gradient = dw,
                          .input_gradient = dx});
    };
    step();  // the scheduler starts its threads
    const std::size_t before = allocations;
    step();
    EXPECT_EQ(allocations, before) << threads << " threads";
  }
  set_threads(0);
}

TEST(FusedMemory, StaysBelow64MegabytesForTheLargestNetwork) {
  const Shape largest{16, std::vector<int>(6, 512), 16, Activation::gelu, 0, true, 0.5};
  EXPECT_LT(Mlp<float>(largest).bytes(), 64e6);
  const Shape published{2, std::vector<int>(4, 128), 1};
  EXPECT_LT(Mlp<float>(published).bytes(), 10e6);
}
