// Pieces of gradient, optimiser and weights.
#include "tests/exchange/ranks.h"
#include "tests/exchange/strategy_checks.h"

namespace femto::exchange {
namespace {

TEST(Sharded, ThePiecesCoverEverythingOnce) {
  for (const int ranks : rank_counts) {
    std::vector<Range> owned(static_cast<std::size_t>(ranks));
    run_as_ranks({.ranks = ranks}, [&](Communicator& group) {
      const auto replica = build_strategy({"sharded", ""})->join(group, three_parts());
      owned[static_cast<std::size_t>(group.rank())] = replica->owned();
    });
    EXPECT_EQ(owned.front().begin, 0u);
    EXPECT_EQ(owned.back().end, three_parts_size);
    for (std::size_t r = 1; r < owned.size(); ++r)
      EXPECT_EQ(owned[r].begin, owned[r - 1].end);
  }
}

TEST(Sharded, AnOptimiserInPiecesGivesTheBitsOfAWholeOne) {
  // Momentum kept for the own piece alone, against allreduce with the whole.
  for (const int ranks : rank_counts)
    run_as_ranks({.ranks = ranks}, [&](Communicator& group) {
      std::vector<std::vector<float>> results;
      for (const auto* name : {"sharded", "allreduce"}) {
        const auto replica = build_strategy({name, ""})->join(group, three_parts());
        const auto own = replica->owned();
        std::vector<float> weights(three_parts_size), velocity(own.end - own.begin);
        for (std::uint64_t step = 0; step < 5; ++step) {
          auto gradient = rough_numbers(three_parts_size, group.rank(), step);
          replica->gradients(step, gradient);
          for (std::size_t i = own.begin; i < own.end; ++i) {
            float& v = velocity[i - own.begin];
            v = 0.9f * v + gradient[i];
            weights[i] -= 0.1f * v;
          }
          replica->weights(step, weights);
        }
        results.push_back(weights);
        // Together as many messages as one all-reduce.
        EXPECT_EQ(replica->report().traffic.messages,
                  5 * 2 * static_cast<std::uint64_t>(ranks - 1));
      }
      EXPECT_EQ(results[0], results[1]);
    });
}

}  // namespace
}  // namespace femto::exchange
