// Disagreement that decays as the mixing matrix says, and ranks that die.
#include "tests/exchange/ranks.h"
#include "tests/exchange/strategy_checks.h"

namespace femto::exchange {
namespace {

TEST(Gossip, DisagreementDecaysByTheSecondEigenvalue) {
  // W averages the pairs of a random matching: a projection, so E[W'W] = E[W]. A given
  // pair meets with probability 1/(P-1) for even and 1/P for odd P; the second eigenvalue
  // of E[W] is (P-2) / (2 (P-1)) and 1/2. Independent columns of start values share the
  // matchings, so the rounds are what is averaged over: one matching from a fresh start
  // each. 400 rounds; the ratio of one round lies in [0, 1] with a standard deviation
  // below 1/2: band 5 * 0.5 / sqrt(400).
  constexpr std::uint64_t rounds = 400;
  for (const int ranks : {2, 3, 4, 7}) {
    double sum = 0;
    run_as_ranks({.ranks = ranks}, [&](Communicator& group) {
      const auto replica = build_strategy({"gossip", "{}"})->join(group, {{"w", 50}});
      for (std::uint64_t round = 0; round < rounds; ++round) {
        auto w = rough_numbers<float>(50, group.rank(), round);
        for (float& x : w) x = std::tanh(x);
        const auto apart = [&] {
          std::vector<float> all(w.size() * static_cast<std::size_t>(ranks));
          allgather<float>(group, w, all, "weights");
          double square = 0;
          for (std::size_t i = 0; i < w.size(); ++i) {
            double mean = 0;
            for (int r = 0; r < ranks; ++r)
              mean += all[static_cast<std::size_t>(r) * w.size() + i] / ranks;
            for (int r = 0; r < ranks; ++r)
              square +=
                  std::pow(all[static_cast<std::size_t>(r) * w.size() + i] - mean, 2);
          }
          return square;
        };
        const double before = apart();
        replica->weights(round, w);
        const double after = apart();
        if (group.rank() == 0) sum += after / before;
      }
    });
    const double expected = ranks % 2 == 1 ? 0.5 : (ranks - 2) / (2.0 * (ranks - 1));
    EXPECT_NEAR(sum / rounds, expected, 5 * 0.5 / std::sqrt(rounds)) << ranks;
  }
}

TEST(Gossip, TheMeanOfAllRanksFollowsTheSumOfLosses) {
  // Averages of pairs leave the mean alone: with equal curvatures it descends exactly as
  // with the mean gradient, (1 - rate)^k to the mean of the c_r.
  run_as_ranks({.ranks = 4}, [](Communicator& group) {
    const auto replica = build_strategy({"gossip", ""})->join(group, {{"w", 3}});
    Descent descent;
    descent.c = [](int rank, std::size_t) { return rank * rank; };
    auto w = descend(group, *replica, 3, descent, 30);
    allreduce<float>(group, w, "mean", 4);
    EXPECT_NEAR(w[0], 3.5 * (1 - std::pow(0.9, 30)), 1e-5);
  });
}

TEST(Gossip, GoesOnWithoutADeadRankAndSaysSo) {
  // Rank 3 falls silent after 10 steps; an hour later it would still be silent.
  std::vector<std::vector<int>> lost(4);
  const auto outcomes =
      outcomes_of_ranks({.ranks = 4, .simulated = true}, [&](Communicator& group) {
        const auto replica =
            build_strategy({"gossip", "{patience: 5}"})->join(group, {{"w", 3}});
        Descent descent;
        descent.c = [](int rank, std::size_t) { return rank; };
        descend(group, *replica, 3, descent, group.rank() == 3 ? 10 : 60);
        if (group.rank() == 3) group.pass(3600);
        lost[static_cast<std::size_t>(group.rank())] = replica->report().lost;
        EXPECT_LT(group.rank() == 3 ? 0 : group.seconds(), 60);
      });
  for (const auto& outcome : outcomes) EXPECT_FALSE(outcome);
  for (std::size_t r = 0; r < 3; ++r) EXPECT_EQ(lost[r], std::vector<int>{3});
}

}  // namespace
}  // namespace femto::exchange
