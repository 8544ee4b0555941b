// The one-sided ring: exact without staleness, bounded with it, and nobody waits.
#include "tests/exchange/ranks.h"
#include "tests/exchange/strategy_checks.h"

namespace femto::exchange {
namespace {

TEST(RmaRing, WithoutStalenessItIsTheMeanOfAllRanks) {
  for (const int ranks : rank_counts)
    run_as_ranks({.ranks = ranks}, [&](Communicator& group) {
      const auto replica = build_strategy({"rma_ring", "{staleness: 0, mix_every: 0}"})
                               ->join(group, three_parts());
      for (std::uint64_t step = 0; step < 5; ++step) {
        auto gradient = whole_numbers(three_parts_size, group.rank(), step);
        std::vector<double> sum(three_parts_size);
        for (int r = 0; r < ranks; ++r) {
          const auto of = whole_numbers(three_parts_size, r, step);
          for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += of[i];
        }
        replica->gradients(step, gradient);
        // A rank that is ahead may have put its next gradient already; wait for all.
        barrier(group, "step");
        for (std::size_t i = 0; i < sum.size(); ++i)
          EXPECT_EQ(gradient[i], static_cast<float>(sum[i]) / static_cast<float>(ranks))
              << step;
      }
      EXPECT_EQ(replica->report().staleness.max, 0u);
      EXPECT_EQ(replica->report().staleness.missing, 0u);
    });
}

TEST(RmaRing, AReachOfTwoIsTheMeanOfARankAndTwoToItsLeft) {
  constexpr int ranks = 7;
  run_as_ranks({.ranks = ranks}, [&](Communicator& group) {
    const auto replica =
        build_strategy({"rma_ring", "{reach: 2, staleness: 0, mix_every: 0}"})
            ->join(group, three_parts());
    for (std::uint64_t step = 0; step < 5; ++step) {
      auto gradient = whole_numbers(three_parts_size, group.rank(), step);
      std::vector<float> sum(three_parts_size);
      for (int hop = 0; hop <= 2; ++hop) {
        const auto of =
            whole_numbers(three_parts_size, (group.rank() - hop + ranks) % ranks, step);
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += of[i];
      }
      replica->gradients(step, gradient);
      // A rank that is ahead may have put its next gradient already; wait for all.
      barrier(group, "step");
      for (std::size_t i = 0; i < sum.size(); ++i)
        EXPECT_EQ(gradient[i], sum[i] / 3) << step;
    }
  });
}

/// The report of every rank when rank 1 needs `slow` times as long for a step.
std::vector<Report> with_a_slow_rank(int ranks, int slow, const std::string& settings) {
  std::vector<Report> out(static_cast<std::size_t>(ranks));
  run_as_ranks(
      {.ranks = ranks, .simulated = true, .latency = 1e-6}, [&](Communicator& group) {
        const auto replica =
            build_strategy({"rma_ring", settings})->join(group, three_parts());
        Descent descent;
        descent.c = [](int rank, std::size_t) { return rank; };
        descend(group, *replica, three_parts_size, descent, 100, [&](auto, auto&) {
          group.pass(group.rank() == 1 ? 0.01 * slow : 0.01);
        });
        out[static_cast<std::size_t>(group.rank())] = replica->report();
      });
  return out;
}

TEST(RmaRing, AStragglerIsWaitedForAtTheBoundOnly) {
  for (const int ranks : {2, 3, 4, 7}) {
    std::uint64_t oldest = 0;
    for (const auto& report : with_a_slow_rank(ranks, 3, "{staleness: 10}")) {
      EXPECT_LE(report.staleness.max, 10u);
      EXPECT_LE(report.staleness.mean(), 10);
      oldest = std::max(oldest, report.staleness.max);
    }
    EXPECT_EQ(oldest, 10u);  // the bound was reached, and held
    for (const auto& report : with_a_slow_rank(ranks, 3, "{staleness: 1000}"))
      EXPECT_LT(report.traffic.seconds_waited, 1e-4);  // for weights at the start
  }
}

TEST(RmaRing, ReadsOneVectorPerHopAndOneToMix) {
  const auto reports = with_a_slow_rank(4, 1, "{staleness: 1000, mix_every: 10}");
  // The broadcast at the start apart: 3 reads a step, one more every tenth.
  for (const auto& report : reports) {
    EXPECT_GE(report.traffic.messages, 310u);
    EXPECT_LE(report.traffic.messages, 312u + 2);  // barrier and broadcast
  }
}

TEST(RmaRing, MixingKeepsTheRanksTogether) {
  // Rank 1 is slow, so gradients are missed and read twice, and ranks differ. The
  // distance between neighbours stays below the pull of one rank, and the mean finds the
  // mean of the c_r, 1.5, to the order of rate times staleness.
  std::vector<float> ends(4);
  run_as_ranks({.ranks = 4, .simulated = true}, [&](Communicator& group) {
    const auto replica = build_strategy({"rma_ring", "{staleness: 20, mix_every: 1}"})
                             ->join(group, {{"w", 1}});
    Descent descent;
    descent.rate = 0.02;
    descent.c = [](int rank, std::size_t) { return rank; };
    const auto w = descend(group, *replica, 1, descent, 1500, [&](auto, auto&) {
      group.pass(group.rank() == 1 ? 0.013 : 0.01);
    });
    ends[static_cast<std::size_t>(group.rank())] = w[0];
  });
  for (const float w : ends) EXPECT_NEAR(w, 1.5, 0.1);
}

}  // namespace
}  // namespace femto::exchange
