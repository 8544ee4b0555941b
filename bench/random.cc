// Random numbers that stay in the cache: generation alone.
#include <vector>

#include "bench/support.h"

#include "femto/core/random_bulk.h"

namespace femto::bench {
namespace {

constexpr std::size_t indices = 1024;
const random::Stream stream{1, 2};

/// Doubles from both halves of a block: the most that a sampler of two axes may need.
void uniform_double(benchmark::State& state) {
  std::vector<double> a(indices), b(indices);
  for (auto _ : state) {
    random::uniform_pairs(stream, 0, indices, 0, a.data(), b.data());
    benchmark::ClobberMemory();
  }
  report(state, {.items = 2 * indices, .plain = "random/uniform_double_one_by_one"});
  state.counters["work"] =
      benchmark::Counter(2 * indices, benchmark::Counter::kIsIterationInvariantRate);
}

/// One double of a block, as a sampler of one axis uses it.
void uniform_first(benchmark::State& state) {
  std::vector<double> a(indices);
  for (auto _ : state) {
    random::uniform_pairs(stream, 0, indices, 0, a.data(), nullptr);
    benchmark::ClobberMemory();
  }
  report(state, {.items = indices});
}

void uniform_one_by_one(benchmark::State& state) {
  std::vector<double> a(indices), b(indices);
  for (auto _ : state) {
    for (std::size_t i = 0; i < indices; ++i) {
      const auto pair = random::uniform_pair(stream, i);
      a[i] = pair[0], b[i] = pair[1];
    }
    benchmark::ClobberMemory();
  }
  report(state, {.items = 2 * indices});
}

void uniform_float(benchmark::State& state) {
  std::vector<float> x(4 * indices);
  for (auto _ : state) {
    random::uniform_floats(stream, 0, indices, 0, x.data());
    benchmark::ClobberMemory();
  }
  report(state, {.items = 4 * indices});
}

void normal_double(benchmark::State& state) {
  std::vector<double> a(indices), b(indices);
  for (auto _ : state) {
    random::normal_pairs(stream, 0, indices, 0, a.data(), b.data());
    benchmark::ClobberMemory();
  }
  report(state, {.items = 2 * indices});
}

void normal_float(benchmark::State& state) {
  std::vector<float> x(4 * indices);
  for (auto _ : state) {
    random::normal_floats(stream, 0, indices, 0, x.data());
    benchmark::ClobberMemory();
  }
  report(state, {.items = 4 * indices});
}

void bernoulli(benchmark::State& state) {
  std::vector<std::uint8_t> x(4 * indices);
  for (auto _ : state) {
    random::bernoulli(stream, 0, indices, 0, 0.9, x.data());
    benchmark::ClobberMemory();
  }
  report(state, {.items = 4 * indices});
}

void poisson_one(benchmark::State& state) {
  std::vector<double> x(indices);
  for (auto _ : state) {
    random::poisson_ones(stream, 0, indices, x.data());
    benchmark::ClobberMemory();
  }
  report(state, {.items = indices});
}

}  // namespace

BENCHMARK(uniform_double)->Name("random/uniform_double");
BENCHMARK(uniform_double)->Name("limit/uniform_double")->Arg(1);  // of the samplers
BENCHMARK(uniform_first)->Name("random/uniform_double_first");
BENCHMARK(uniform_one_by_one)->Name("random/uniform_double_one_by_one");
BENCHMARK(uniform_float)->Name("random/uniform_float");
BENCHMARK(normal_double)->Name("random/normal_double");
BENCHMARK(normal_float)->Name("random/normal_float");
BENCHMARK(bernoulli)->Name("random/bernoulli");
BENCHMARK(poisson_one)->Name("random/poisson_one");
}  // namespace femto::bench
