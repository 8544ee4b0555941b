// Work given out on demand: complete, in no order that matters, to fast ranks first.
#include "femto/exchange/deal.h"

#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include "tests/exchange/ranks.h"

#include "femto/core/threads.h"

namespace femto::exchange {
namespace {

void sleep_ms(int ms) {
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

TEST(Deal, GivesOutEveryItemOnceAndCollectsTheResults) {
  for_rank_counts([](Communicator& group) {
    std::vector<std::string> results(37), said(37);
    Deal deal{.items = results.size(), .at_once = 2};
    deal.brief = [](std::size_t i) { return std::to_string(100 + i); };
    deal.work = [](std::size_t i, const std::string& brief, const Say& say) {
      say("begins " + brief);
      return std::string(i, 'x') + brief;
    };
    deal.hear = [&](std::size_t i, std::string words) { said[i] += words; };
    deal.take = [&](std::size_t i, std::string result) { results[i] += result; };
    EXPECT_TRUE(deal_out(group, deal).empty());
    if (group.rank() > 0) return;
    for (std::size_t i = 0; i < results.size(); ++i) {
      EXPECT_EQ(results[i], std::string(i, 'x') + std::to_string(100 + i));
      EXPECT_EQ(said[i], "begins " + std::to_string(100 + i));
    }
  });
}

// A parcel of the next deal must not end in the mailbox of the last one.
TEST(Deal, FollowsUponDeal) {
  for_rank_counts([](Communicator& group) {
    for (int k = 0; k < 60; ++k) {
      std::vector<int> taken(5);
      Deal deal{.items = taken.size()};
      deal.work = [k](std::size_t i, const std::string&, const Say&) {
        sleep_ms((static_cast<int>(i) + k) % 3);
        return std::to_string(k);
      };
      deal.take = [&](std::size_t i, std::string result) {
        taken[i] += result == std::to_string(k) ? 1 : 100;
      };
      EXPECT_TRUE(deal_out(group, deal).empty());
      EXPECT_EQ(taken, std::vector<int>(5, group.rank() == 0 ? 1 : 0));
    }
  });
}

TEST(Deal, ASlowRankGetsFewerItems) {
  std::array<std::atomic<int>, 2> done{};
  run_as_ranks({.ranks = 2}, [&](Communicator& group) {
    Deal deal{.items = 40};
    deal.work = [&](std::size_t, const std::string&, const Say&) {
      const auto me = static_cast<std::size_t>(group.rank());
      ++done[me];
      sleep_ms(me == 1 ? 40 : 4);
      return std::string();
    };
    deal.take = [](std::size_t, std::string) {};
    deal_out(group, deal);
  });
  EXPECT_EQ(done[0] + done[1], 40);
  EXPECT_GT(done[0], done[1]);
  EXPECT_GT(done[1], 0);
}

TEST(Deal, TheOthersDoTheItemsOfARankThatDies) {
  std::vector<int> taken(20), lost;
  const auto outcomes =
      outcomes_of_ranks({.ranks = 3, .limit = 20}, [&](Communicator& group) {
        if (group.rank() == 2) return;  // leaves without a word
        Deal deal{.items = taken.size()};
        deal.work = [](std::size_t, const std::string&, const Say&) {
          sleep_ms(2);
          return std::string();
        };
        deal.take = [&](std::size_t i, std::string) { ++taken[i]; };
        const auto missed = deal_out(group, deal);
        if (group.rank() == 0) lost = missed;
      });
  EXPECT_EQ(lost, std::vector<int>{2});
  EXPECT_EQ(taken, std::vector<int>(20, 1));
}

TEST(Deal, FailedWorkEndsItForAll) {
  const auto outcomes = outcomes_of_ranks({.ranks = 2}, [](Communicator& group) {
    Deal deal{.items = 100};
    deal.work = [&](std::size_t, const std::string&, const Say&) {
      sleep_ms(1);
      if (group.rank() == 1) throw DataError("row 7 is wrong");
      return std::string();
    };
    deal.take = [](std::size_t, std::string) {};
    deal_out(group, deal);
  });
  EXPECT_THROW(std::rethrow_exception(outcomes[0]), ExchangeError);
  EXPECT_THROW(std::rethrow_exception(outcomes[1]), DataError);
}

}  // namespace
}  // namespace femto::exchange
