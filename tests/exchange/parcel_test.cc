// Mailboxes that follow upon each other on one tag.
#include "femto/exchange/parcel.h"

#include "tests/exchange/ranks.h"

namespace femto::exchange {
namespace {

constexpr int tag = 77;

// What comes after the last question belongs to the next mailbox, even if it came before
// the first one was gone.
TEST(Mailbox, LeavesWhatItDidNotAskFor) {
  run_as_ranks({.ranks = 2}, [](Communicator& group) {
    if (group.rank() == 0) {
      send_parcel(group, 1, tag, {1, 10, "first"}, "test");
      send_parcel(group, 1, tag, {2, 20, "second"}, "test");
      barrier(group, "test");
      return;
    }
    {
      Mailbox box(group, 0, tag, "test");
      EXPECT_EQ(box.wait().bytes, "first");
      barrier(group, "test");  // both have come
    }
    Mailbox next(group, 0, tag, "test");
    const auto found = next.wait();
    EXPECT_EQ(found.kind, 2u);
    EXPECT_EQ(found.item, 20u);
    EXPECT_EQ(found.bytes, "second");
  });
}

TEST(Mailbox, HushedItHearsAgainWhenAsked) {
  run_as_ranks({.ranks = 2}, [](Communicator& group) {
    if (group.rank() == 0) {
      barrier(group, "test");
      send_parcel(group, 1, tag, {3, 30, "now"}, "test");
      return;
    }
    Mailbox box(group, 0, tag, "test");
    Parcel p;
    EXPECT_FALSE(box.look(p));
    box.hush();
    barrier(group, "test");
    EXPECT_EQ(box.wait().bytes, "now");
  });
}

}  // namespace
}  // namespace femto::exchange
