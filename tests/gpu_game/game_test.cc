// Steps of a game on the device, against the same kernels on the CPU and against the CPU.
#include "tests/neural/table.h"
#include <gtest/gtest.h>

#include "femto/neural/device_engine.h"
#include "femto/neural/gpu.h"

using namespace femto;
using namespace femto::testing;

namespace {

neural::MakeEngine same_kernels_on_cpu(const neural::Chain& chain) {
  return neural::on_device(neural::HostMachine{}, chain);
}

}  // namespace

TEST(GpuGame, TheDeviceIsUsable) {
  EXPECT_TRUE(neural::gpu().usable) << neural::gpu().words;
}

TEST(GpuGame, PlaysTheGameOfTheCpu) {
  expect_same_game(neural::on_gpu, {});
  expect_same_game(neural::on_gpu, same_kernels_on_cpu);
}

TEST(GpuGame, TwoRunsGiveTheSameBits) {
  io::State states[2];
  for (auto& state : states) {
    EngineTable table(small_gan(), neural::on_gpu);
    for (int i = 0; i < 5; ++i) table.game.step();
    table.game.save(state);
  }
  EXPECT_TRUE(states[0] == states[1]);
}

TEST(GpuGame, ATrainingRunsToItsEnd) {
  const World world;
  auto s = small_gan();
  s.device = neural::Device::cuda;
  SilentMonitor monitor;
  const auto fit = neural::train_gan(s, world.task(), monitor);
  EXPECT_EQ(fit.outcome, Outcome::converged);
  EXPECT_EQ(fit.iterations, 20u);
}
