// Orders, parcels and common verdicts over threads.
#include "femto/exchange/crew.h"

#include <array>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "femto/exchange/alone.h"
#include "femto/exchange/parcel.h"
#include "femto/exchange/threads.h"

namespace femto::exchange {
namespace {

TEST(Crew, WaitsLongerThanTheLimitForARankThatIsAlive) {
  std::array<std::uint64_t, 3> seen{};
  run_as_ranks({.ranks = 3, .limit = 1.5}, [&](Communicator& group) {
    if (group.rank() > 0) {
      const auto order = await_order(group);
      seen[static_cast<std::size_t>(group.rank())] = order.kind * 10 + order.item;
      return;
    }
    work_alone(group,
               [] { std::this_thread::sleep_for(std::chrono::milliseconds(2200)); });
    give_order(group, {3, 7});
  });
  EXPECT_EQ(seen[1], 37u);
  EXPECT_EQ(seen[2], 37u);
}

TEST(Crew, ADeadLeaderEndsTheWait) {
  const auto outcomes =
      outcomes_of_ranks({.ranks = 2, .limit = 0.3}, [](Communicator& group) {
        if (group.rank() > 0) await_order(group);
        // Rank 0 is silent for longer than the limit.
        if (group.rank() == 0)
          std::this_thread::sleep_for(std::chrono::milliseconds(700));
      });
  EXPECT_FALSE(outcomes[0]);
  EXPECT_THROW(std::rethrow_exception(outcomes[1]), ExchangeError);
}

TEST(Crew, WorkOfTheLeaderMayFail) {
  const auto outcomes = outcomes_of_ranks({.ranks = 2}, [](Communicator& group) {
    if (group.rank() > 0) await_order(group);
    work_alone(group, [] { throw DataError("row 7 is wrong"); });
  });
  EXPECT_THROW(std::rethrow_exception(outcomes[0]), DataError);
  EXPECT_THROW(std::rethrow_exception(outcomes[1]), ExchangeError);
}

TEST(Crew, AllLeaveWithTheExitCodeOfTheLowestThatFailed) {
  const auto outcomes = outcomes_of_ranks({.ranks = 4}, [](Communicator& group) {
    together(group, "reading", [&] {
      if (group.rank() == 1) throw DataError("row 7 is wrong");
      if (group.rank() == 2) throw Error("another");
    });
  });
  EXPECT_THROW(std::rethrow_exception(outcomes[1]), DataError);
  for (const std::size_t rank : {0u, 2u, 3u}) {
    try {
      std::rethrow_exception(outcomes[rank]);
    } catch (const ExchangeError& error) {
      // The second to fail has its own words, but not its own verdict.
      EXPECT_EQ(error.code(), Exit::data);
      EXPECT_NE(std::string(error.what()).find("rank 1 gave up: row 7"),
                std::string::npos);
    }
  }
}

TEST(Crew, AnAbandonedRunKeepsItsExitCode) {
  const auto outcomes = outcomes_of_ranks({.ranks = 2}, [](Communicator& group) {
    if (group.rank() == 0) return group.abandon("stopped", Exit::terminated);
    await_order(group);
  });
  try {
    std::rethrow_exception(outcomes[1]);
  } catch (const ExchangeError& error) {
    EXPECT_EQ(error.code(), Exit::terminated);
    EXPECT_EQ(error.cause(), Cause::abandoned);
  }
}

TEST(Crew, AloneEverythingIsDoneAtOnce) {
  Communicator group(alone());
  int done = 0;
  work_alone(group, [&] { ++done; });
  together(group, "reading", [&] { ++done; });
  give_order(group, {1, 0});
  EXPECT_EQ(done, 2);
}

TEST(Parcels, OfAnyLengthArriveInOrder) {
  run_as_ranks({.ranks = 2}, [](Communicator& group) {
    const std::string big(100'000, 'x');
    if (group.rank() == 1) {
      send_parcel(group, 0, 5, {1, 2, "words"}, "news");
      send_parcel(group, 0, 5, {3, 4, ""}, "news");
      return send_parcel(group, 0, 5, {5, 6, big}, "news");
    }
    Mailbox box(group, 1, 5, "news");
    const auto first = box.wait(), second = box.wait(), third = box.wait();
    EXPECT_EQ(first.kind, 1u);
    EXPECT_EQ(first.item, 2u);
    EXPECT_EQ(first.bytes, "words");
    EXPECT_EQ(second.kind, 3u);
    EXPECT_EQ(second.bytes, "");
    EXPECT_EQ(third.bytes, big);
  });
}

TEST(Parcels, BytesOfAllRanks) {
  run_as_ranks({.ranks = 3}, [](Communicator& group) {
    const std::string mine(static_cast<std::size_t>(5 * group.rank()), 'a');
    const auto all = gather_bytes(group, mine, "names");
    for (std::size_t r = 0; r < 3; ++r) EXPECT_EQ(all[r], std::string(5 * r, 'a'));
    std::string words = group.rank() == 0 ? "of rank 0" : "mine";
    share_bytes(group, words, "words");
    EXPECT_EQ(words, "of rank 0");
  });
}

}  // namespace
}  // namespace femto::exchange
