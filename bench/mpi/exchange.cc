// The exchange of the generator's 51,206 gradients against a bare MPI_Allreduce of the
// same numbers, in turns in one run:
//   cmake -S . -B build/bench -DFEMTO_BENCH=ON && cmake --build build/bench --target
//   femto_bench_exchange mpirun -n 2 build/bench/bin/femto_bench_exchange
#include "femto/exchange/exchange.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include <mpi.h>

#include "femto/config/registry.h"
#include "femto/exchange/builtins.h"
#include "femto/exchange/launch.h"

namespace {

constexpr std::size_t numbers = 51206;
constexpr int rounds = 40, repeats = 25;

/// Seconds of one call, the mean of some after all ranks have come together.
template <class Body>
double seconds_of(const Body& body) {
  MPI_Barrier(MPI_COMM_WORLD);
  const double start = MPI_Wtime();
  for (int i = 0; i < repeats; ++i) body();
  return (MPI_Wtime() - start) / repeats;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main() {
  using namespace femto;
  auto world = exchange::open_world();
  if (world.size() < 2) {
    std::fprintf(stderr, "start this under mpirun -n 2\n");
    return 2;
  }
  Registry registry;
  exchange::register_builtins(registry);
  std::vector<float> gradient(numbers, 1), sum(numbers), weights(numbers);
  for (const std::string name : {"allreduce", "double_binary_tree", "ring", "rma_ring"}) {
    const auto strategy = registry.build<Exchange>(name);
    const auto replica = strategy->join(world, {{"generator", numbers}});
    std::uint64_t step = 0;
    std::vector<double> ours, bare;
    for (int round = 0; round < rounds; ++round) {
      bare.push_back(seconds_of([&] {
        MPI_Allreduce(gradient.data(),
                      sum.data(),
                      static_cast<int>(numbers),
                      MPI_FLOAT,
                      MPI_SUM,
                      MPI_COMM_WORLD);
      }));
      ours.push_back(seconds_of([&] { replica->gradients(step++, gradient); }));
    }
    if (world.rank() == 0)
      std::printf(
          "%-20s %7.1f us, MPI_Allreduce %7.1f us, ratio of medians %.2f, of minima "
          "%.2f\n",
          name.c_str(),
          1e6 * median(ours),
          1e6 * median(bare),
          median(ours) / median(bare),
          *std::min_element(ours.begin(), ours.end()) /
              *std::min_element(bare.begin(), bare.end()));
  }
  world.leave();
}
