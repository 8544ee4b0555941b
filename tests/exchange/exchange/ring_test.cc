// The conventional ring.
#include "tests/exchange/ranks.h"
#include "tests/exchange/strategy_checks.h"

namespace femto::exchange {
namespace {

TEST(Ring, SumsWhatDiffersByRankAndPosition) {
  for (const int ranks : rank_counts)
    run_as_ranks({.ranks = ranks}, [&](Communicator& group) {
      const auto replica = build_strategy({"ring", ""})->join(group, three_parts());
      auto gradient = whole_numbers(three_parts_size, group.rank());
      std::vector<double> sum(three_parts_size);
      for (int r = 0; r < ranks; ++r) {
        const auto of = whole_numbers(three_parts_size, r);
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += of[i];
      }
      replica->gradients(0, gradient);
      for (std::size_t i = 0; i < sum.size(); ++i)
        EXPECT_EQ(gradient[i], static_cast<float>(sum[i]) / static_cast<float>(ranks));
    });
}

TEST(Ring, SendsWholeVectorsToOneNeighbour) {
  for (const int ranks : rank_counts)
    run_as_ranks({.ranks = ranks}, [&](Communicator& group) {
      const auto replica =
          build_strategy({"ring", "{check_every: 0}"})->join(group, three_parts());
      std::vector<float> gradient(three_parts_size);
      replica->gradients(0, gradient);
      const auto sent = replica->report().traffic;
      EXPECT_EQ(sent.messages, static_cast<std::uint64_t>(ranks - 1));
      EXPECT_EQ(sent.bytes, static_cast<std::uint64_t>(ranks - 1) * 4 * three_parts_size);
    });
}

}  // namespace
}  // namespace femto::exchange
