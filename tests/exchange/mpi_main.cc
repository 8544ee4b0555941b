// The checks of every transport over MPI: mpirun -n P femto_exchange_mpi CHECK.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "tests/exchange/communicator_checks.h"
#include "tests/exchange/ranks.h"
#include "tests/exchange/strategy_checks.h"
#include <unistd.h>

#include "femto/exchange/launch.h"

using namespace femto;
using namespace femto::exchange;

namespace {

void together(Communicator& group) {
  check_point_to_point(group);
  check_allreduce(group);
  check_broadcast_and_gather(group);
  check_split(group);
  check_windows(group);
  check_weight_hashes(group);
  for (const auto& strategy : strategies()) check_terms(group, strategy);
}

/// The last rank dies without a word while the others need it.
void killed_rank(Communicator& group) {
  std::vector<float> numbers(51206);
  for (int step = 0; step < 1'000'000; ++step) {
    if (step == 20 && group.rank() == group.size() - 1) kill(getpid(), SIGKILL);
    allreduce<float>(group, numbers, "gradient of generator");
  }
}

void throwing_rank(Communicator& group) {
  std::vector<float> numbers(51206);
  for (int step = 0; step < 1'000'000; ++step) {
    if (step == 20 && group.rank() == group.size() - 1)
      throw NumericalError("the loss is not finite");
    allreduce<float>(group, numbers, "gradient of generator");
  }
}

/// Some seconds of training with a strategy that goes on without dead ranks. The centre
/// of all parabolas is the same, so whoever is left must come to it.
void gossiping(Communicator& group) {
  const std::size_t n = 51206;
  const auto replica =
      build_strategy({"gossip", "{every: 1, patience: 1}"})->join(group, {{"w", n}});
  std::vector<float> weights(n), gradient(n);
  const auto centre = whole_numbers(n, 0);
  replica->begin(weights);
  for (std::uint64_t step = 0; step < 300; ++step) {
    group.pass(0.005);
    for (std::size_t i = 0; i < n; ++i) gradient[i] = weights[i] - centre[i];
    replica->gradients(step, gradient);
    for (std::size_t i = 0; i < n; ++i) weights[i] -= 0.1f * gradient[i];
    replica->weights(step, weights);
  }
  for (std::size_t i = 0; i < n; ++i) ASSERT_NEAR(weights[i], centre[i], 1e-2) << i;
  std::string words = "rank " + std::to_string(group.rank()) + " converged";
  for (const int lost : replica->report().lost)
    words += " without rank " + std::to_string(lost);
  std::puts(words.c_str());
  std::fflush(stdout);
}

const std::map<std::string, void (*)(Communicator&)> checks{
    {"together", together},
    {"uneven_lengths", check_uneven_lengths},
    {"missing_rank", check_missing_rank},
    {"killed_rank", killed_rank},
    {"throwing_rank", throwing_rank},
    {"gossiping", gossiping},
};

}  // namespace

int main(int argc, char** argv) {
  testing::GTEST_FLAG(throw_on_failure) = true;
  testing::InitGoogleTest(&argc, argv);
  const auto& check = checks.at(argc > 1 ? argv[1] : "together");
  try {
    auto group = open_world(argc > 2 ? std::atof(argv[2]) : 25);
    const char* ranks = std::getenv("OMPI_COMM_WORLD_SIZE");
    if (group.size() != (ranks ? std::atoi(ranks) : 1)) return 1;
    try {
      check(group);
      group.leave();
    } catch (const std::exception& error) {
      group.abandon(error.what());
      throw;
    }
  } catch (const Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "failure: %s\n", error.what());
    return 1;
  }
  return 0;
}
