// Two trees that carry half each.
#include <numeric>

#include "tests/exchange/ranks.h"
#include "tests/exchange/strategy_checks.h"

namespace femto::exchange {
namespace {

TEST(DoubleBinaryTree, SendsHalvesAlongTwoTreesOnly) {
  for (const int ranks : rank_counts) {
    std::vector<double> messages(static_cast<std::size_t>(ranks));
    double bytes = 0;
    run_as_ranks({.ranks = ranks}, [&](Communicator& group) {
      const auto replica = build_strategy({"double_binary_tree", "{check_every: 0}"})
                               ->join(group, {{"layer", 200}});
      std::vector<float> gradient(200);
      replica->gradients(0, gradient);
      const auto sent = replica->report().traffic;
      messages[static_cast<std::size_t>(group.rank())] =
          static_cast<double>(sent.messages);
      std::vector<double> total{static_cast<double>(sent.bytes)};
      allreduce<double>(group, total, "bytes");
      if (group.rank() == 0) bytes = total[0];
    });
    // Each tree has P-1 edges, used once up and once down, with half of the numbers.
    EXPECT_EQ(std::accumulate(messages.begin(), messages.end(), 0.0), 4.0 * (ranks - 1));
    EXPECT_EQ(bytes, 4.0 * (ranks - 1) * 100 * sizeof(float));
    // Nobody sends more than about 2 log2 P.
    const double levels = std::ceil(std::log2(ranks));
    for (const double m : messages) EXPECT_LE(m, 2 * levels + 2);
  }
}

TEST(DoubleBinaryTree, TakesLogarithmicTime) {
  // Latency alone: up and down the levels, whatever the number of numbers.
  for (const int ranks : {2, 4, 8, 16}) {
    double ended = 0;
    run_as_ranks(
        {.ranks = ranks, .simulated = true, .latency = 1}, [&](Communicator& group) {
          const auto replica = build_strategy({"double_binary_tree", "{check_every: 0}"})
                                   ->join(group, {{"layer", 200}});
          std::vector<float> gradient(200);
          replica->gradients(0, gradient);
          ended = std::max(ended, group.seconds());
        });
    EXPECT_DOUBLE_EQ(ended, 2 * std::log2(ranks));
  }
}

}  // namespace
}  // namespace femto::exchange
