// What this machine can do at most: the rates that the other benchmarks are held against.
#include <cstddef>
#include <vector>

#include "bench/support.h"

#include "femto/core/threads.h"
#include "femto/core/vmath.h"

// Highway compiles this file once per instruction set and picks one at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/limits.cc"
#include <hwy/foreach_target.h>
// after foreach_target
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();

namespace femto::bench::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t rounds = 20'000;
constexpr std::size_t chains = 12;  // enough to hide the latency of two units

/// Independent chains of multiply-adds in registers; returns the operations done.
template <class T>
double multiply_add(double* sink) {
  const hn::ScalableTag<T> d;
  const auto a = hn::Set(d, T(0.999999)), b = hn::Set(d, T(1e-7));
  // Chains of equal numbers would be merged by the compiler.
  const auto from = [&](int chain) { return hn::Set(d, T(1e-7 * (chain + 1))); };
  auto x0 = from(0), x1 = from(1), x2 = from(2), x3 = from(3), x4 = from(4);
  auto x5 = from(5), x6 = from(6), x7 = from(7), x8 = from(8), x9 = from(9);
  auto x10 = from(10), x11 = from(11);
  for (std::size_t i = 0; i < rounds; ++i) {
    x0 = hn::MulAdd(x0, a, b), x1 = hn::MulAdd(x1, a, b), x2 = hn::MulAdd(x2, a, b);
    x3 = hn::MulAdd(x3, a, b), x4 = hn::MulAdd(x4, a, b), x5 = hn::MulAdd(x5, a, b);
    x6 = hn::MulAdd(x6, a, b), x7 = hn::MulAdd(x7, a, b), x8 = hn::MulAdd(x8, a, b);
    x9 = hn::MulAdd(x9, a, b), x10 = hn::MulAdd(x10, a, b), x11 = hn::MulAdd(x11, a, b);
  }
  const auto s = hn::Add(hn::Add(hn::Add(x0, x1), hn::Add(x2, x3)),
                         hn::Add(hn::Add(x4, x5), hn::Add(x6, x7)));
  const auto all = hn::Add(s, hn::Add(hn::Add(x8, x9), hn::Add(x10, x11)));
  *sink += static_cast<double>(hn::GetLane(all));
  return 2.0 * static_cast<double>(rounds * chains * hn::Lanes(d));
}

double multiply_add_single(double* sink) {
  return multiply_add<float>(sink);
}

double multiply_add_double(double* sink) {
  return multiply_add<double>(sink);
}

}  // namespace femto::bench::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace femto::bench {
namespace {
HWY_EXPORT(multiply_add_single);
HWY_EXPORT(multiply_add_double);

/// The same work on every thread at once.
template <class Body>
void on_threads(benchmark::State& state, const Body& body) {
  const auto threads = static_cast<std::size_t>(state.range(0));
  set_threads(static_cast<int>(threads));
  std::vector<double> done(threads * 16);
  for (auto _ : state)
    parallel_for(threads, [&](std::size_t t) { done[t * 16] = body(t); });
  double all = 0;
  for (std::size_t t = 0; t < threads; ++t) all += done[t * 16];
  state.counters["work"] =
      benchmark::Counter(all, benchmark::Counter::kIsIterationInvariantRate);
}

void fma_single(benchmark::State& state) {
  std::vector<double> sink(1024);
  on_threads(state, [&](std::size_t t) {
    return HWY_DYNAMIC_DISPATCH(multiply_add_single)(&sink[t * 16]);
  });
  benchmark::DoNotOptimize(sink.data());
}

void fma_double(benchmark::State& state) {
  std::vector<double> sink(1024);
  on_threads(state, [&](std::size_t t) {
    return HWY_DYNAMIC_DISPATCH(multiply_add_double)(&sink[t * 16]);
  });
  benchmark::DoNotOptimize(sink.data());
}

/// a = b + s c over arrays far larger than any cache: 24 bytes per element, as is the
/// custom (the line that is written is read first, which is not counted).
void bandwidth(benchmark::State& state) {
  constexpr std::size_t n = 6'000'000;
  const auto threads = static_cast<std::size_t>(state.range(0));
  std::vector<double> a(n * threads), b(n * threads, 1.0), c(n * threads, 2.0);
  on_threads(state, [&](std::size_t t) {
    for (std::size_t i = t * n; i < (t + 1) * n; ++i) a[i] = b[i] + 3.0 * c[i];
    return 24.0 * n;
  });
  benchmark::DoNotOptimize(a.data());
}

/// Exponentials of numbers that stay in the first-level cache.
void exp_double(benchmark::State& state) {
  constexpr std::size_t n = 512;
  std::vector<double> x(n * 64, -0.5), y(n * 64);
  on_threads(state, [&](std::size_t t) {
    for (int i = 0; i < 100; ++i) vmath::exp(n, &x[t * n], &y[t * n]);
    return 100.0 * n;
  });
  benchmark::DoNotOptimize(y.data());
}

}  // namespace

BENCHMARK(fma_single)->Name("limit/fma_single")->Arg(1)->Arg(2)->UseRealTime();
BENCHMARK(fma_double)->Name("limit/fma_double")->Arg(1)->Arg(2)->UseRealTime();
BENCHMARK(bandwidth)->Name("limit/bandwidth")->Arg(1)->Arg(2)->UseRealTime();
BENCHMARK(exp_double)->Name("limit/exp_double")->Arg(1)->Arg(2)->UseRealTime();
}  // namespace femto::bench

#endif
