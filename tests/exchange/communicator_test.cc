// Communication among threads, and of one rank with itself.
#include <atomic>
#include <chrono>

#include "tests/exchange/communicator_checks.h"
#include "tests/exchange/ranks.h"

#include "femto/exchange/alone.h"
#include "femto/exchange/launch.h"

namespace femto::exchange {
namespace {

/// Each rank's error, or an empty text.
std::vector<std::string> errors(const ThreadGroup& group,
                                const std::function<void(Communicator&)>& body) {
  std::vector<std::string> out;
  for (const auto& outcome : outcomes_of_ranks(group, body)) {
    out.emplace_back();
    try {
      if (outcome) std::rethrow_exception(outcome);
    } catch (const ExchangeError& error) {
      out.back() = error.what();
    }
  }
  return out;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

TEST(Communicator, MessagesArriveWhereTheyBelong) {
  for_rank_counts(check_point_to_point);
}

TEST(Communicator, SumsFollowTheRule) {
  for_rank_counts(check_allreduce);
}

TEST(Communicator, BroadcastAndGather) {
  for_rank_counts(check_broadcast_and_gather);
}

TEST(Communicator, Groups) {
  for_rank_counts(check_split);
}

TEST(Communicator, Windows) {
  for_rank_counts(check_windows);
}

TEST(Communicator, ADifferenceOfOneBitIsSeen) {
  for_rank_counts(check_weight_hashes);
}

TEST(Communicator, AGroupOfOneNeedsNobody) {
  Communicator one(alone());
  check_allreduce(one);
  check_broadcast_and_gather(one);
  check_split(one);
  check_windows(one);
  check_weight_hashes(one);
}

TEST(Communicator, WithoutMpirunTheWorldIsOneRank) {
  ASSERT_EQ(started_by(), "");
  const auto world = open_world();
  EXPECT_EQ(world.size(), 1);
  EXPECT_EQ(world.rank(), 0);
}

TEST(Communicator, OneRankMayStandForSeveral) {
  // Twelve contributions on 3 ranks of 4, 6 of 2 and 12 of 1 give the same bits.
  const std::size_t n = 500;
  std::vector<std::vector<float>> results;
  for (const int ranks : {1, 3, 6, 12}) {
    std::vector<float> sum(n);
    run_as_ranks({.ranks = ranks}, [&](Communicator& group) {
      const int each = 12 / ranks;
      std::vector<std::vector<float>> own;
      std::vector<float*> terms;
      for (int i = 0; i < each; ++i)
        own.push_back(rough_numbers(n, group.rank() * each + i));
      for (auto& numbers : own) terms.push_back(numbers.data());
      tree_sum<float>(terms, n);
      for (float& x : own[0]) x /= static_cast<float>(each);
      allreduce<float>(group, own[0], "gradient", static_cast<float>(ranks));
      if (group.rank() == 0) sum = own[0];
    });
    results.push_back(sum);
  }
  // 12 = 1 * 12 is not a power of two of contributions on one rank, but the rule of
  // tree_sum is the rule of ranks.
  for (const auto& result : results) EXPECT_EQ(result, results[0]);
}

TEST(Communicator, UnevenLengthsAreAnErrorThatNamesTheTensor) {
  for (const int ranks : {2, 3, 4, 7})
    for (const auto& error : errors({.ranks = ranks}, check_uneven_lengths))
      EXPECT_TRUE(contains(error, "'gradient of layer3.weight'")) << error;
}

TEST(Communicator, ARankThatHasEndedIsAnErrorAtOnce) {
  for (const int ranks : {2, 3, 4, 7}) {
    const auto told = errors({.ranks = ranks, .limit = 600}, check_missing_rank);
    EXPECT_EQ(told.back(), "");
    for (std::size_t r = 0; r + 1 < told.size(); ++r) {
      EXPECT_TRUE(contains(told[r], "'gradient'")) << told[r];
      EXPECT_TRUE(contains(told[r], "has ended") || contains(told[r], "gave up"));
    }
  }
}

TEST(Communicator, ASilentRankEndsTheOthersAtTheLimit) {
  // On a virtual clock: the last rank computes for an hour, the limit is 25 s.
  for (const int ranks : {2, 3, 4, 7}) {
    const ThreadGroup group{.ranks = ranks, .limit = 25, .simulated = true};
    std::vector<double> ended(static_cast<std::size_t>(ranks));
    const auto told = errors(group, [&](Communicator& g) {
      std::vector<float> numbers(100);
      try {
        if (g.rank() == g.size() - 1) g.pass(3600);
        allreduce<float>(g, numbers, "gradient of generator");
      } catch (const ExchangeError&) {
        ended[static_cast<std::size_t>(g.rank())] = g.seconds();
        throw;
      }
    });
    EXPECT_TRUE(contains(told[0], "rank 0")) << told[0];
    EXPECT_TRUE(contains(told[0], "'gradient of generator'")) << told[0];
    EXPECT_TRUE(contains(told[0], "after 25 s")) << told[0];
    for (int r = 0; r + 1 < ranks; ++r) {
      EXPECT_FALSE(told[static_cast<std::size_t>(r)].empty());
      EXPECT_NEAR(ended[static_cast<std::size_t>(r)], 25, 1e-9);
    }
  }
}

TEST(Communicator, AFailureOfOneRankReachesTheOthersWithItsWords) {
  const ThreadGroup group{.ranks = 4, .limit = 600};
  const auto body = [](Communicator& g) {
    if (g.rank() == 2) throw NumericalError("the loss is not finite");
    std::vector<float> numbers(100);
    allreduce<float>(g, numbers, "gradient");
    g.pass(0.01);
    allreduce<float>(g, numbers, "gradient");
  };
  EXPECT_THROW(run_as_ranks(group, body), NumericalError);
  const auto outcomes = outcomes_of_ranks(group, body);
  for (const std::size_t r : {0u, 1u, 3u}) try {
      std::rethrow_exception(outcomes[r]);
    } catch (const ExchangeError& error) {
      EXPECT_TRUE(contains(error.what(), "rank 2 gave up: the loss is not finite"))
          << error.what();
      EXPECT_EQ(error.code(), Exit::numerical);
    }
}

TEST(Communicator, AWindowThatNobodyRenewsIsAnErrorAtTheLimit) {
  const auto told =
      errors({.ranks = 2, .limit = 5, .simulated = true}, [](Communicator& g) {
        Board board(g, 1, 4, "gradient");
        const std::vector<float> numbers(4);
        std::vector<float> out(4);
        board.put(0, 1, numbers);
        if (g.rank() == 1) g.pass(100);
        if (g.rank() == 0) board.get_fresh(1, 0, 2, out);
      });
  EXPECT_TRUE(contains(told[0], "window get of 'gradient' with rank 1")) << told[0];
  EXPECT_TRUE(contains(told[0], "newest numbers are of step 1")) << told[0];
}

}  // namespace
}  // namespace femto::exchange
