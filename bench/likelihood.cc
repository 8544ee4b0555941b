// Value, gradient and expected information of the unbinned likelihood of a million pairs.
#include "bench/support.h"
#include "tests/support/build.h"
#include "tests/support/proxies.h"

#include "femto/core/threads.h"
#include "femto/pipeline/sampler.h"
#include "femto/pipeline/unbinned.h"

namespace femto::bench {
namespace {

constexpr std::size_t records = 1'000'000;

/// Argument: threads. The work that nothing can save is one exponential and one
/// logarithm per event, counted as two exponentials.
void unbinned(benchmark::State& state) {
  const auto threads = static_cast<int>(state.range(0));
  set_threads(2);
  const auto theory = testing::build<Theory>("proxy1d");
  const auto plan = testing::build<Sampler>("inverse_cdf")->plan(*theory);
  const auto table = plan->at(testing::truth1d);
  io::EventTable events({{"x1"}, {"x2"}}, records);
  for (std::size_t c = 0; c < 2; ++c) {
    double* out = events.column(c).data();
    table->draw(c, {event_stream(1, c), 0}, records, &out);
  }
  const Dataset data(std::move(events));
  const Density density(*theory);
  const UnbinnedLikelihood likelihood(density, data, {});
  set_threads(threads);
  for (auto _ : state)
    benchmark::DoNotOptimize(likelihood.evaluate(testing::truth1d).value);
  report(state,
         {.items = records,
          .limit = "exp_double",
          .of_limit = 4.0 * records,
          .threads = threads});
}

}  // namespace

BENCHMARK(unbinned)
    ->Name("likelihood/unbinned")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
}  // namespace femto::bench
