// Parallel loops: every index once, exceptions come back, pieces cover the range.
#include "femto/core/threads.h"

#include <atomic>
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
