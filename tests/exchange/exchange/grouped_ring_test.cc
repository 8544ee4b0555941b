// Rings in groups, leaders among themselves, and weights that come together again.
#include "tests/exchange/ranks.h"
#include "tests/exchange/strategy_checks.h"

namespace femto::exchange {
namespace {

/// The mean over ranks [from, to), exact because the numbers are whole.
double plain_mean(std::size_t i, int from, int to, std::uint64_t step) {
  double sum = 0;
  for (int r = from; r < to; ++r) sum += whole_numbers(three_parts_size, r, step)[i];
  return sum / (to - from);
}

TEST(GroupedRing, TheMeanOfEveryStepIsThatOfItsGroupOrOfAll) {
  // h = 3, over 2 h steps; 7 ranks in groups of 3, 3 and 1.
  for (const int ranks : {2, 3, 4, 7})
    run_as_ranks({.ranks = ranks}, [&](Communicator& group) {
      const auto replica = build_strategy({"grouped_ring", "{group: 3, every: 3}"})
                               ->join(group, three_parts());
      std::vector<float> weights(three_parts_size);
      replica->begin(weights);
      const int first = group.rank() / 3 * 3, end = std::min(first + 3, ranks);
      for (std::uint64_t step = 0; step < 6; ++step) {
        auto gradient = whole_numbers(three_parts_size, group.rank(), step);
        replica->gradients(step, gradient);
        const bool all = step % 3 == 2;
        for (std::size_t i = 0; i < gradient.size(); ++i)
          EXPECT_FLOAT_EQ(
              gradient[i],
              static_cast<float>(plain_mean(i, all ? 0 : first, all ? ranks : end, step)))
              << step;
        replica->weights(step, weights);
      }
    });
}

TEST(GroupedRing, WeightsDriftWithinABoundAndMeetAfterEveryRound) {
  // Groups {0,1} and {2,3} pull to 0.5 and 2.5. From a common point w the distance after
  // k steps of rate r is |c_A - c_B| (1 - (1-r)^k) = 2 (1 - 0.9^k); after a round: zero.
  run_as_ranks({.ranks = 4}, [](Communicator& group) {
    const auto replica = build_strategy({"grouped_ring", "{group: 2, every: 5}"})
                             ->join(group, three_parts());
    Descent descent;
    descent.c = [](int rank, std::size_t) { return rank; };
    descend(
        group, *replica, three_parts_size, descent, 15, [&](auto step, const auto& w) {
          std::vector<float> all(4 * w.size());
          allgather<float>(group, w, all, "weights");
          const double apart = std::abs(all[0] - all[2 * w.size()]);
          EXPECT_EQ(all[0], all[w.size()]);
          const auto k = static_cast<double>((step + 1) % 5);
          EXPECT_NEAR(apart, 2 * (1 - std::pow(0.9, k)), 1e-5) << step;
          if (k == 0) {
            EXPECT_EQ(apart, 0);
          }
        });
  });
}

TEST(GroupedRing, SendsLittleBetweenGroups) {
  // Three ranks of a group: 2 whole vectors a step. The leader of 2 groups: one more for
  // gradients and one for weights in the last step of a round, and what it passes on.
  run_as_ranks({.ranks = 6}, [](Communicator& group) {
    const auto replica = build_strategy({"grouped_ring", "{group: 3, every: 4}"})
                             ->join(group, three_parts());
    std::vector<float> numbers(three_parts_size);
    const auto joined = replica->report().traffic.messages;
    for (std::uint64_t step = 0; step < 3; ++step) {
      replica->gradients(step, numbers);
      replica->weights(step, numbers);
    }
    EXPECT_EQ(replica->report().traffic.messages - joined, 3u * 2);
    const auto before = replica->report().traffic;
    replica->gradients(3, numbers);
    const auto sent = replica->report().traffic - before;
    // Its ring; as leader one hop to the other leader and two to its members (binary).
    EXPECT_EQ(sent.messages, group.rank() % 3 == 0 ? 2u + 1 + 2 : 2u);
    replica->weights(3, numbers);
  });
}

}  // namespace
}  // namespace femto::exchange
