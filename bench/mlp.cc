// The fused perceptron 2 -> 128 x 4 -> 1 on 102,400 rows, against the multiply-add peak.
#include "femto/mlp/mlp.h"

#include <vector>

#include "bench/support.h"

#include "femto/core/random.h"
#include "femto/core/threads.h"

using namespace femto;

namespace {

constexpr std::size_t rows = 102'400;
constexpr double square = 128 * 128, first = 2 * 128, last = 128;
constexpr double forward_flops = 2.0 * rows * (first + 3 * square + last);

enum class Wanted { outputs, weights, inputs };

std::vector<float> uniform_floats(std::size_t n, double scale) {
  const auto stream = random::Stream::named(1, "benchmark of perceptrons");
  std::vector<float> out(n);
  for (std::size_t i = 0; i < n; ++i)
    out[i] = static_cast<float>(scale * (2 * random::uniform(stream, i) - 1));
  return out;
}

/// Cross-entropy step of the discriminator (weights), of the generator (inputs), or the
/// outputs only; weights are packed anew in every iteration, as training does.
void fused(benchmark::State& state, Wanted wanted) {
  set_threads(static_cast<int>(state.range(0)));
  const mlp::Shape shape{2, {128, 128, 128, 128}, 1};
  mlp::Mlp<float> network(shape);
  std::vector<std::vector<float>> weights;
  for (const auto n : mlp::parameter_sizes(shape))
    weights.push_back(uniform_floats(n, 0.2));
  const std::vector<std::span<const float>> parameters(weights.begin(), weights.end());
  const auto x = uniform_floats(2 * rows, 1);
  const std::vector<float> target{1};
  std::vector<float> y(rows), dw(network.size()), dx(x.size());
  mlp::Pass<float> pass{.rows = rows, .x = x};
  double flops = forward_flops;
  if (wanted == Wanted::outputs) {
    pass.outputs = y;
  } else {
    pass.loss = mlp::Loss::bce;
    pass.upstream = target;
    flops *= 2;  // the deltas of all layers, down to the inputs
  }
  if (wanted == Wanted::inputs) pass.input_gradient = dx;
  if (wanted == Wanted::weights) {
    pass.weight_gradient = dw;
    flops += forward_flops - 2.0 * rows * first;  // no deltas of the inputs
  }
  for (auto _ : state) {
    network.set_parameters(parameters);
    benchmark::DoNotOptimize(network.run(pass));
  }
  bench::report(state,
                {.items = rows,
                 .limit = "fma_single",
                 .of_limit = flops,
                 .threads = static_cast<int>(state.range(0)),
                 .plain = std::string("mlp_plain/") +
                          (wanted == Wanted::outputs   ? "outputs"
                           : wanted == Wanted::weights ? "weights"
                                                       : "inputs") +
                          "/" + std::to_string(state.range(0)) + "/real_time"});
}

}  // namespace

BENCHMARK_CAPTURE(fused, outputs, Wanted::outputs)
    ->Name("mlp/outputs")
    ->Arg(1)
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(fused, weights, Wanted::weights)
    ->Name("mlp/weights")
    ->Arg(1)
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(fused, inputs, Wanted::inputs)
    ->Name("mlp/inputs")
    ->Arg(1)
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
