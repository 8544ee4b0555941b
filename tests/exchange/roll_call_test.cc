// Meetings of the living: everybody is heard once, the dead are left out.
#include "femto/exchange/roll_call.h"

#include <atomic>

#include "tests/exchange/ranks.h"

#include "femto/exchange/collectives.h"

namespace femto::exchange {
namespace {

std::string joined(const Answers& said) {
  std::string out;
  for (const auto& words : said) out += words ? *words : "-";
  return out;
}

TEST(RollCall, EverybodyIsHeardAndHearsTheDecision) {
  for_rank_counts([](Communicator& group) {
    for (int round = 0; round < 3; ++round) {
      const char mine[] = {static_cast<char>('a' + group.rank()), 0};
      const auto met = call_roll(group, mine, {.decide = joined});
      EXPECT_EQ(met.decision,
                std::string("abcdefg").substr(0, static_cast<std::size_t>(group.size())));
      EXPECT_TRUE(met.lost.empty());
    }
  });
}

TEST(RollCall, GoesOnWithoutTheDead) {
  run_as_ranks({.ranks = 5, .limit = 20}, [&](Communicator& group) {
    const int me = group.rank();
    if (me == 1) return;
    auto met = call_roll(group, "x", {.decide = joined});
    EXPECT_EQ(met.decision, "x-xxx");
    EXPECT_EQ(met.lost, std::vector<int>{1});
    EXPECT_EQ(group.size(), 4);
    EXPECT_EQ(group.world(group.rank()), me);
    if (me == 4) return;
    met = call_roll(group, "y", {.decide = joined});
    EXPECT_EQ(met.decision, "yyy-");
    EXPECT_EQ(met.lost, std::vector<int>{4});
    // What they do together is that of a group of three.
    double sum[] = {static_cast<double>(me)};
    allreduce<double>(group, sum, "sum");
    EXPECT_EQ(sum[0], 0 + 2 + 3);
  });
}

TEST(RollCall, WhoGivesASignIsNotDead) {
  std::atomic<int> signs = 0;
  run_as_ranks({.ranks = 3, .limit = 2, .simulated = true}, [&](Communicator& group) {
    if (group.rank() == 2) group.pass(7);  // held up for longer than the limit
    const auto heard = [&](int rank) {
      ++signs;
      return rank == 2;
    };
    const auto met = call_roll(group, "x", {.decide = joined, .heard = heard});
    EXPECT_EQ(met.decision, "xxx");
  });
  EXPECT_GE(signs, 3);
}

TEST(RollCall, WhoIsSilentForTheLimitIsDead) {
  const auto outcomes = outcomes_of_ranks(
      {.ranks = 3, .limit = 2, .simulated = true}, [&](Communicator& group) {
        if (group.rank() == 2) group.pass(100);
        const auto met = call_roll(group, "x", {.decide = joined});
        EXPECT_EQ(met.decision, "xx-");
      });
  EXPECT_FALSE(outcomes[0]);
  EXPECT_FALSE(outcomes[1]);
  EXPECT_THROW(std::rethrow_exception(outcomes[2]), ExchangeError);
}

TEST(RollCall, WithoutRankZeroNobodyGoesOn) {
  const auto outcomes = outcomes_of_ranks({.ranks = 3}, [&](Communicator& group) {
    if (group.rank() > 0) call_roll(group, "x", {.decide = joined});
  });
  for (const std::size_t r : {1u, 2u})
    EXPECT_THROW(std::rethrow_exception(outcomes[r]), ExchangeError);
}

}  // namespace
}  // namespace femto::exchange
