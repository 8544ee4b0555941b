// One iteration of adversarial training, as published and as the shipped study plays it:
// discriminator step and generator step through theory, sampler and both networks.

#include "bench/support.h"
#include "tests/neural/world.h"
#include <benchmark/benchmark.h>

#include "femto/core/threads.h"
#include "femto/neural/runtime.h"
#include "femto/neural/training.h"

using namespace femto;

namespace {

/// Multiply-adds of one row through in -> 128 x 4 -> out.
constexpr double products(double in, double out) {
  return in * 128 + 3 * 128 * 128 + 128 * out;
}

/// Operations that the networks cannot do without: the discriminator forward and back
/// for real and generated events, its inputs' gradient for the generator, which is a
/// hundredth of the rows.
double operations(double rows, double sets) {
  const double d = products(2, 1), g = products(6, 6), first = 2 * 128;
  const double weights = 3 * d - first, inputs = 2 * d;
  return 2 * (rows * (2 * weights + inputs) + sets * (3 * g - 6 * 128));
}

/// Arguments: parameter sets, events per set, threads. The sampler's grid is that of the
/// published code, 1,001 nodes.
void gan_iteration(benchmark::State& state) {
  neural::prepare_runtime();
  set_threads(static_cast<int>(state.range(2)));
  testing::World world(20'000);
  world.generator = testing::build<Generator>("mlp");
  world.sampler = testing::build<Sampler>("{type: inverse_cdf, nodes: 1001}");
  world.setup.fixed.assign(6, false);
  neural::GanSettings s;
  s.parameter_samples = static_cast<int>(state.range(0));
  s.events_per_sample = static_cast<int>(state.range(1));
  const auto task = world.task();
  const auto standard =
      neural::Standardiser::fit(s.standardise, *world.theory, world.data);
  const neural::Simulator simulator(world.experiment, *world.sampler, standard, 1, 0);
  const neural::RealEvents real(*world.theory, world.data, {}, standard, 1, {});
  neural::Game game(neural::game_settings(s, task),
                    neural::on_cpu(simulator),
                    real,
                    world.setup,
                    {},
                    1,
                    0);
  game.step();  // memory and caches
  for (auto _ : state) benchmark::DoNotOptimize(game.step().generator_loss);
  const auto sets = static_cast<double>(state.range(0));
  const double rows = sets * static_cast<double>(state.range(1));
  bench::report(state,
                {.items = rows,
                 .limit = "fma_single",
                 .of_limit = operations(rows, sets),
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
