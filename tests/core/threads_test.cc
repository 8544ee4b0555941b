// Parallel loops: every index once, exceptions come back, pieces cover the range.
#include "femto/core/threads.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "femto/core/error.h"

namespace femto {
namespace {

TEST(ParallelFor, VisitsEveryIndexOnceAlsoWhenNested) {
  for (const int count : {1, 2, 4}) {
    set_threads(count);
    EXPECT_EQ(threads(), count);
    std::vector<std::atomic<int>> visits(1000);
    parallel_for(10, [&](std::size_t i) {
      parallel_for(100, [&](std::size_t j) { ++visits[100 * i + j]; });
    });
    for (const auto& v : visits) EXPECT_EQ(v, 1);
  }
  set_threads(0);
}

TEST(ParallelFor, BringsBackTheException) {
  for (const int count : {1, 4}) {
    set_threads(count);
    EXPECT_THROW(parallel_for(50,
                              [](std::size_t i) {
                                if (i == 17) throw NumericalError("seventeen");
                              }),
                 NumericalError);
  }
  set_threads(0);
}

TEST(ParallelFor, AFailureDoesNotCutShortTheLoopsOfOthers) {
  using namespace std::chrono_literals;
  set_threads(2);
  for (int round = 0; round < 20; ++round) {
    std::atomic<bool> inside = false;
    std::atomic<int> visits = 0;
    const auto body = [&](std::size_t i) {
      if (i == 1)
        return parallel_for(64, [&](std::size_t) {
          inside = true;
          std::this_thread::sleep_for(10us);
          ++visits;
        });
      for (int wait = 0; wait < 100 && !inside; ++wait) std::this_thread::sleep_for(10us);
      throw NumericalError("zero");
    };
    EXPECT_THROW(parallel_for(2, body), NumericalError);
    EXPECT_TRUE(visits == 0 || visits == 64) << visits;
  }
  set_threads(0);
}

RC_GTEST_PROP(Pieces, CoverTheRangeInOrder, ()) {
  const Pieces pieces{*rc::gen::inRange<std::size_t>(0, 10000),
                      *rc::gen::inRange<std::size_t>(1, 600)};
  std::size_t at = 0;
  for (std::size_t i = 0; i < pieces.count(); ++i) {
    RC_ASSERT(pieces.begin(i) == at);
    RC_ASSERT(pieces.end(i) > at);
    at = pieces.end(i);
  }
  RC_ASSERT(at == pieces.n);
}

}  // namespace
}  // namespace femto
