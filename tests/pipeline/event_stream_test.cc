// Channels, replicas and steps draw from streams of their own.
#include <set>

#include <gtest/gtest.h>

#include "femto/pipeline/sampler.h"

namespace femto {
namespace {

TEST(EventStream, DiffersByChannelReplicaAndStep) {
  std::set<std::uint32_t> ids;
  for (std::size_t channel = 0; channel < 4; ++channel)
    for (std::uint64_t replica = 0; replica < 10; ++replica)
      for (std::uint64_t step = 0; step < 10; ++step)
        ids.insert(event_stream(7, channel, replica, step).id);
  EXPECT_EQ(ids.size(), 400u);
  EXPECT_EQ(event_stream(7, 1, 2, 3).id, event_stream(7, 1, 2, 3).id);
  EXPECT_EQ(event_stream(7, 0).seed, 7u);
}

}  // namespace
}  // namespace femto
