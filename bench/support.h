// How a benchmark states what limits it and what it is compared with.
#pragma once
#include <string>

#include <benchmark/benchmark.h>

namespace femto::bench {

/// What one iteration of a benchmark does. `./dev bench` turns it into ratios of rates
/// that were measured in the same run.
struct Work {
  double items = 0;        // events, rows, numbers of one iteration
  std::string limit;       // a benchmark of limits.cc: fma_single, fma_double, bandwidth,
                           // exp_double
  double of_limit = 0;     // operations or bytes of one iteration, in the limit's unit
  int threads = 1;         // the limit is measured at 1 and at 2
  std::string plain = {};  // full name of the benchmark that does the same work plainly
};

inline void report(benchmark::State& state, const Work& work) {
  using benchmark::Counter;
  const auto rate = Counter::kIsIterationInvariantRate;
  if (work.items > 0) state.counters["items"] = Counter(work.items, rate);
  std::string label;
  if (!work.limit.empty()) {
    state.counters["work"] = Counter(work.of_limit, rate);
    label = "of=limit/" + work.limit + "/" + std::to_string(work.threads);
  }
  if (!work.plain.empty()) label += (label.empty() ? "vs=" : " vs=") + work.plain;
  state.SetLabel(label);
}

}  // namespace femto::bench
