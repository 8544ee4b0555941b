// One iteration of adversarial training with the published batch, and with that of the
// shipped study: discriminator step and generator step through the whole chain.

#include "bench/support.h"
#include "tests/neural/world.h"
#include <benchmark/benchmark.h>

#include "femto/core/threads.h"
#include "femto/neural/runtime.h"
#include "femto/neural/training.h"

using namespace femto;

namespace {

/// Networks 6 -> 128 x 4 -> 6 and 2 -> 128 x 4 -> 1; arguments: parameter sets, events
/// per set, threads.
void gan_iteration(benchmark::State& state) {
  neural::prepare_runtime();
  set_threads(static_cast<int>(state.range(2)));
  testing::World world(20'000);
  world.generator = testing::build<Generator>("mlp");
  world.setup.fixed.assign(6, false);
  neural::GanSettings s;
  s.parameter_samples = static_cast<int>(state.range(0));
  s.events_per_sample = static_cast<int>(state.range(1));
  const auto task = world.task();
  const auto standard =
      neural::Standardiser::fit(s.standardise, *world.theory, world.data);
  const neural::Simulator simulator(
      *world.theory, *world.sampler, *world.detector, standard, 1, 0);
  const neural::RealEvents real(*world.theory, world.data, {}, standard, 1, {});
  neural::Game game(
      neural::game_settings(s, task), simulator, real, world.setup, {}, 1, 0);
  game.step();  // memory and caches
  for (auto _ : state) benchmark::DoNotOptimize(game.step().generator_loss);
  const double rows = static_cast<double>(state.range(0) * state.range(1));
  // multiply-adds of 2 D passes with weight gradients and one with input gradient only
  const double flops = rows * 2 * 49'536 * (2 * 3 + 2);
  bench::report(state,
                {.items = rows,
                 .limit = "fma_single",
                 .of_limit = flops,
                 .threads = static_cast<int>(state.range(2))});
}

}  // namespace

BENCHMARK(gan_iteration)
    ->ArgNames({"sets", "events", "threads"})
    ->Args({1024, 100, 1})
    ->Args({1024, 100, 2})
    ->Args({64, 64, 1})
    ->Args({64, 64, 2})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
