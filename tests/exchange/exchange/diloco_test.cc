// The outer step against one written down plainly for all ranks at once.
#include "tests/exchange/ranks.h"
#include "tests/exchange/strategy_checks.h"

namespace femto::exchange {
namespace {

double pull(int rank) {
  return 1.5 * rank - 1;
}

/// All ranks in one place, in double: inner gradient descent, outer Nesterov momentum.
double plain_diloco(int ranks, int rounds, int every, double rate, double momentum) {
  double shared = 0, velocity = 0;
  for (int round = 0; round < rounds; ++round) {
    double mean = 0;
    for (int r = 0; r < ranks; ++r) {
      double w = shared;
      for (int step = 0; step < every; ++step) w -= 0.1 * (0.5 + r) * (w - pull(r));
      mean += w / ranks;
    }
    const double gradient = shared - mean;
    velocity = momentum * velocity + gradient;
    shared -= rate * (gradient + momentum * velocity);
  }
  return shared;
}

std::vector<float> trained(int ranks, const std::string& settings, std::uint64_t steps) {
  std::vector<float> out;
  run_as_ranks({.ranks = ranks}, [&](Communicator& group) {
    const auto replica = build_strategy({"diloco", settings})->join(group, {{"w", 3}});
    Descent descent;
    descent.a = [](int rank, std::size_t) { return 0.5 + rank; };
    descent.c = [](int rank, std::size_t) { return pull(rank); };
    const auto w = descend(group, *replica, 3, descent, steps);
    if (group.rank() == 0) out = w;
  });
  return out;
}

TEST(DiLoCo, FollowsItsPaper) {
  for (const int ranks : rank_counts)
    for (const int rounds : {1, 2, 7}) {
      const auto w = trained(ranks, "{every: 4}", static_cast<std::uint64_t>(4 * rounds));
      EXPECT_NEAR(w[1], plain_diloco(ranks, rounds, 4, 0.7, 0.9), 2e-5);
    }
}

TEST(DiLoCo, WithoutMomentumAndWithRateOneItIsTheMeanOfWeights) {
  EXPECT_NEAR(trained(4, "{every: 4, rate: 1, momentum: 0}", 20)[0],
              plain_diloco(4, 5, 4, 1, 0),
              1e-5);
}

TEST(DiLoCo, ItsStateIsWhatACheckpointNeeds) {
  // Stopped after two rounds, the state carried over, continued: the same bits.
  run_as_ranks({.ranks = 3}, [](Communicator& group) {
    const auto exchange = build_strategy({"diloco", "{every: 2}"});
    const auto steps = [&](Replica& replica,
                           std::vector<float>& w,
                           std::uint64_t from,
                           std::uint64_t to) {
      for (auto step = from; step < to; ++step) {
        for (float& x : w) x -= 0.1f * (x - static_cast<float>(pull(group.rank())));
        replica.weights(step, w);
      }
    };
    std::vector<float> straight(5), stopped(5);
    const auto one = exchange->join(group, {{"w", 5}});
    one->begin(straight);
    steps(*one, straight, 0, 8);
    const auto first = exchange->join(group, {{"w", 5}});
    first->begin(stopped);
    steps(*first, stopped, 0, 4);
    const std::vector<float> kept(first->state().begin(), first->state().end());
    const auto second = exchange->join(group, {{"w", 5}});
    second->begin(stopped);
    std::copy(kept.begin(), kept.end(), second->state().begin());
    steps(*second, stopped, 4, 8);
    EXPECT_EQ(straight, stopped);
  });
}

}  // namespace
}  // namespace femto::exchange
