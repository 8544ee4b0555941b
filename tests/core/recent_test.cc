// One computation per point, shared by threads, forgotten when newer ones come.
#include "femto/core/recent.h"

#include <atomic>
#include <stdexcept>

#include <gtest/gtest.h>

#include "femto/core/threads.h"

namespace femto {
namespace {

TEST(Recent, ComputesOnceForAllThreads) {
  Recent<double> recent;
  std::atomic<int> built = 0;
  set_threads(4);
  parallel_for(200, [&](std::size_t i) {
    const double point = static_cast<double>(i % 2);
    const auto value = recent.get(std::span(&point, 1), [&] {
      ++built;
      // work that is itself spread over threads, as a table is
      std::atomic<int> sum = 0;
      parallel_for(50, [&](std::size_t) { ++sum; });
      return point + sum;
    });
    EXPECT_EQ(*value, point + 50);
  });
  set_threads(0);
  EXPECT_EQ(built, 2);
}

TEST(Recent, ValuesOutliveTheirPlace) {
  Recent<double> recent;
  const double first = 0;
  int built = 0;
  const auto at = [&](double point) {
    return recent.get(std::span(&point, 1), [&] {
      ++built;
      return 10 * point;
    });
  };
  const auto kept = at(first);
  for (int k = 1; k < 20; ++k) EXPECT_EQ(*at(k), 10 * k);
  EXPECT_EQ(*kept, 0);
  EXPECT_EQ(built, 20);
  at(19);
  EXPECT_EQ(built, 20);
  at(first);
  EXPECT_EQ(built, 21);
}

TEST(Recent, AFailureIsNotKept) {
  Recent<double> recent;
  const double point = 1;
  const std::span<const double> here(&point, 1);
  EXPECT_THROW(recent.get(here, []() -> double { throw std::runtime_error("no"); }),
               std::runtime_error);
  EXPECT_EQ(*recent.get(here, [] { return 2.0; }), 2);
}

}  // namespace
}  // namespace femto
