// The network of bench/mlp.cc by libtorch, set up as Femtograph does; with
// FEMTO_PLAIN=default in the environment as installed: its own allocator use and vector
// width. Run that alone,
//   FEMTO_PLAIN=default femto_bench --benchmark_filter='fma_single|^mlp'
// because what other benchmarks set up holds for the whole process.
#include <cstdlib>
#include <string_view>

#include "bench/support.h"
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include "femto/neural/loss.h"
#include "femto/neural/network.h"
#include "femto/neural/runtime.h"

using namespace femto;

namespace {

enum class Wanted { outputs, weights, inputs };

void plain(benchmark::State& state, Wanted wanted) {
  const char* setup = std::getenv("FEMTO_PLAIN");
  if (!setup || std::string_view(setup) != "default") neural::prepare_runtime();
  at::set_num_threads(static_cast<int>(state.range(0)));
  const neural::Network network({2, {128, 128, 128, 128}, 1},
                                random::Stream::named(1, "benchmark of perceptrons"));
  const auto x =
      at::rand({102'400, 2}, at::kFloat).set_requires_grad(wanted == Wanted::inputs);
  const auto t = at::ones({102'400, 1}, at::kFloat);
  for (const auto& p : network.parameters())
    p.set_requires_grad(wanted == Wanted::weights);
  for (auto _ : state) {
    const c10::AutoGradMode graph(wanted != Wanted::outputs);
    const auto y = network.forward_plain(x);
    if (wanted == Wanted::outputs) continue;
    const auto loss = neural::summed_loss(neural::GameLoss::bce, y, t);
    const auto leaves =
        wanted == Wanted::weights ? network.parameters() : std::vector<at::Tensor>{x};
    benchmark::DoNotOptimize(torch::autograd::grad({loss}, leaves));
  }
  bench::report(state, {.items = 102'400});
  at::set_num_threads(1);
}

}  // namespace

BENCHMARK_CAPTURE(plain, outputs, Wanted::outputs)
    ->Name("mlp_plain/outputs")
    ->Arg(1)
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(plain, weights, Wanted::weights)
    ->Name("mlp_plain/weights")
    ->Arg(1)
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(plain, inputs, Wanted::inputs)
    ->Name("mlp_plain/inputs")
    ->Arg(1)
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
