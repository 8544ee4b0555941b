// Ranks that train alone.
#include "tests/exchange/ranks.h"
#include "tests/exchange/strategy_checks.h"

namespace femto::exchange {
namespace {

TEST(Ensemble, EveryMemberFindsItsOwnMinimumAndSendsNothing) {
  run_as_ranks({.ranks = 4}, [](Communicator& group) {
    const auto replica = build_strategy({"ensemble", ""})->join(group, three_parts());
    Descent descent;
    descent.c = [](int rank, std::size_t i) { return rank + static_cast<double>(i); };
    const auto w = descend(group, *replica, three_parts_size, descent, 300);
    for (std::size_t i = 0; i < w.size(); ++i)
      EXPECT_NEAR(w[i], descent.c(group.rank(), i), 1e-4);
    EXPECT_EQ(replica->report().traffic.messages, 0u);
  });
}

}  // namespace
}  // namespace femto::exchange
