// Evolution of parton densities: building the matrices, reading them back, using them.
#include <cmath>
#include <filesystem>
#include <vector>

#include "bench/support.h"
#include <unistd.h>

#include "femto/core/threads.h"
#include "femto/qcd/initial_scale.h"
#include "femto/qcd/product.h"
#include "femto/qcd/structure_functions.h"
#include "femto/qcd/toy_input.h"

namespace femto::bench {
namespace {
using namespace qcd;

/// NLO, a fifth flavour on the way, 20 scales from 3 to 1e4 GeV2.
EvolutionSettings twenty_scales() {
  std::vector<double> mu2;
  for (int k = 1; k <= 20; ++k) mu2.push_back(2 * std::pow(5000.0, k / 20.0));
  return les_houches_evolution(LesHouchesScheme::variable, Order::nlo, mu2);
}

void use_threads(benchmark::State& state) {
  set_threads(static_cast<int>(state.range(0)));
}

void kernels(benchmark::State& state) {
  use_threads(state);
  const XGrid grid({});
  for (auto _ : state)
    benchmark::DoNotOptimize(KernelMatrices::build(grid, Order::nlo).numbers().data());
  report(state, {.items = static_cast<double>(piece_count * grid.size() * grid.size())});
}

/// Kernels and evolution matrices of all flavours at 20 scales, from nothing.
void operators_cold(benchmark::State& state) {
  use_threads(state);
  const auto settings = twenty_scales();
  for (auto _ : state) benchmark::DoNotOptimize(Evolution(settings).scales());
  report(state, {.items = 20});
}

/// The same, kept on disk before.
void operators_warm(benchmark::State& state) {
  use_threads(state);
  const auto settings = twenty_scales();
  const auto folder = std::filesystem::temp_directory_path() /
                      ("femto-bench-qcd-" + std::to_string(::getpid()));
  const Evolution first(settings, folder);
  for (auto _ : state) benchmark::DoNotOptimize(Evolution(settings, folder).scales());
  std::filesystem::remove_all(folder);
  report(state,
         {.items = 20, .plain = "qcd/operators_cold/" + std::to_string(state.range(0))});
}

struct World {
  Evolution evolution{twenty_scales()};
  std::vector<double> start = les_houches_input(evolution.grid());
  std::vector<double> out = std::vector<double>(start.size() * 20);
  std::vector<double> gradient = std::vector<double>(start.size());
};

const World& world() {
  static const World one;
  return one;
}

/// All flavours at 20 scales. Each matrix is read once: that is the work.
void evolve(benchmark::State& state) {
  use_threads(state);
  auto w = world();
  for (auto _ : state) {
    w.evolution.evolve(w.start, w.out);
    benchmark::DoNotOptimize(w.out.data());
  }
  report(state,
         {.items = static_cast<double>(w.out.size()),
          .limit = "bandwidth",
          .of_limit = 20 * 7.3 * 100 * 100 * 8,  // 6 matrices, 8 above m_b
          .threads = static_cast<int>(state.range(0))});
}

void pull_back(benchmark::State& state) {
  use_threads(state);
  auto w = world();
  for (auto _ : state) {
    w.evolution.pull_back(w.out, w.gradient);
    benchmark::DoNotOptimize(w.gradient.data());
  }
  report(state,
         {.items = static_cast<double>(w.out.size()),
          .plain = "qcd/evolve/" + std::to_string(state.range(0))});
}

/// F2 and FL on 100 x 100 points of (x, Q2), with derivatives in all 27 parameters of the
/// initial scale.
void dis_with_gradient(benchmark::State& state) {
  use_threads(state);
  auto settings = twenty_scales();
  settings.mu2_gev2.clear();
  for (int k = 1; k <= 100; ++k)
    settings.mu2_gev2.push_back(2 * std::pow(5000.0, k / 100.0));
  static const Evolution evolution(settings);
  std::vector<double> x;
  for (int i = 0; i < 100; ++i) x.push_back(std::pow(10, -4 + 3.9 * i / 99));
  static const StructureFunctions functions(evolution, x, Target::proton);
  const InitialScale model(evolution.grid());
  std::vector<double> parameters = {0.7,  3.2,  0.5, 1.5,  0.9,  4.1,  -0.4, 2,   -0.15,
                                    5.5,  -0.8, 0.7, 0.15, -0.2, 7,    0.3,  0.2, 0.2,
                                    -0.1, 6.5,  0.1, 0.4,  0.05, -0.1, 8,    0.6, -0.3};
  const std::size_t directions = InitialScale::parameter_count + 1;
  const std::size_t size = flavour_rows * evolution.grid().size();
  std::vector<double> starts(directions * size);
  std::vector<double> f2(directions * 100 * 100), fl(f2.size());
  for (auto _ : state) {
    const auto all = std::span(starts);
    model.densities(parameters, all.first(size));
    model.jacobian(parameters, all.subspan(size));
    functions.apply(starts, f2, fl);
    benchmark::DoNotOptimize(f2.data());
  }
  report(state,
         {.items = static_cast<double>(f2.size()),
          .limit = "fma_double",
          .of_limit = 2.0 * 2 * 100 * 100 * 300 * static_cast<double>(directions),
          .threads = static_cast<int>(state.range(0))});
}

constexpr std::size_t rows = 100, cols = 24;

void product(benchmark::State& state) {
  const std::vector<double> a(rows * rows, 1e-3), b(rows * cols, 1e-3);
  std::vector<double> out(rows * cols);
  for (auto _ : state) {
    add_product(rows, rows, cols, a.data(), b.data(), out.data());
    benchmark::DoNotOptimize(out.data());
  }
  const double operations = 2.0 * rows * rows * cols;
  report(state,
         {.items = operations / 2,
          .limit = "fma_double",
          .of_limit = operations,
          .plain = "qcd/product_plain"});
}

void product_plain(benchmark::State& state) {
  const std::vector<double> a(rows * rows, 1e-3), b(rows * cols, 1e-3);
  std::vector<double> out(rows * cols);
  for (auto _ : state) {
    for (std::size_t j = 0; j < cols; ++j)
      for (std::size_t k = 0; k < rows; ++k)
        for (std::size_t i = 0; i < rows; ++i)
          out[j * rows + i] += a[k * rows + i] * b[j * rows + k];
    benchmark::DoNotOptimize(out.data());
  }
  report(state, {.items = static_cast<double>(rows * rows * cols)});
}

BENCHMARK(kernels)
    ->Name("qcd/kernels")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(operators_cold)
    ->Name("qcd/operators_cold")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(operators_warm)
    ->Name("qcd/operators_warm")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(evolve)
    ->Name("qcd/evolve")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(pull_back)
    ->Name("qcd/pull_back")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(dis_with_gradient)
    ->Name("qcd/dis_with_gradient")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(product)->Name("qcd/product");
BENCHMARK(product_plain)->Name("qcd/product_plain");

}  // namespace
}  // namespace femto::bench
