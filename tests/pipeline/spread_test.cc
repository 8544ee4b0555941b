// Events spread over ranks: every sum, count and order has the bits of one rank.
#include "femto/pipeline/spread.h"

#include <algorithm>

#include "tests/pipeline/sample_study.h"
#include "tests/support/proxies.h"
#include <gtest/gtest.h>

#include "femto/exchange/threads.h"
#include "femto/pipeline/compress.h"
#include "femto/pipeline/counts.h"
#include "femto/pipeline/shard.h"

namespace femto {
namespace {

using exchange::Communicator;
using test::Folder;

/// A plan of events that the theory draws itself.
struct Events {
  Folder folder;
  Plan plan;

  explicit Events(std::uint64_t rows, std::vector<std::string> more = {})
      : plan(test::plan_of(folder / "",
                           "data: {type: generated, at: {N_u: 2.1875, a_u: -0.5, b_u: 3, "
                           "N_d: 1.09375, a_d: -0.5, b_d: 4}}\ntheory: proxy1d\n",
                           with_rows(rows, std::move(more)))) {}

  static std::vector<std::string> with_rows(std::uint64_t rows,
                                            std::vector<std::string> more) {
    more.push_back("data.events=" + std::to_string(rows));
    return more;
  }

  /// Calls body(data) on rank 0 of several, each with its part of the events.
  void spread(int ranks, const std::function<void(const Dataset&)>& body) const {
    exchange::run_as_ranks({.ranks = ranks, .limit = 60}, [&](Communicator& group) {
      if (group.rank() > 0) {
        Shard shard(plan, group.rank(), group.size());
        return exchange::follow(
            group, [&](const std::string& asked) { return shard.answer(asked); });
      }
      exchange::lead(group, [&](exchange::Others& others) {
        const Spread spread(0, group.size(), &others);
        body(
            Dataset(*plan.source, *plan.experiment, plan.source->memory_limit(), spread));
      });
    });
  }

  Dataset whole() const {
    return {*plan.source, *plan.experiment, plan.source->memory_limit()};
  }
};

std::vector<double> all_sorted(const Dataset& data, std::size_t column) {
  std::vector<double> out;
  for_each_sorted(data, column, [&](std::span<const double> x) {
    out.insert(out.end(), x.begin(), x.end());
  });
  return out;
}

constexpr int rank_counts[] = {1, 2, 3, 4, 7};

TEST(Spread, EveryRowHasOneRankAndPiecesStayWhole) {
  for (const std::uint64_t rows : {1, 4096, 4097, 100000})
    for (const int ranks : rank_counts) {
      std::uint64_t next = 0;
      for (int r = 0; r < ranks; ++r) {
        const auto own = Spread(r, ranks).own(rows);
        EXPECT_EQ(own.begin, next);
        EXPECT_TRUE(own.begin % events_per_piece == 0 || own.size() == 0);
        next = own.end;
      }
      EXPECT_EQ(next, rows);
    }
}

TEST(Spread, LikelihoodCountsAndOrderHaveTheBitsOfOneRank) {
  // Eight pieces, and two, which leave some of seven ranks without events.
  for (const std::uint64_t rows : {30011, 5000}) {
    const Events events(rows);
    const Theory& theory = events.plan.fitted();
    const Density density(theory);
    const Dataset whole = events.whole();
    const UnbinnedLikelihood alone(density, whole, {});
    const auto expected = alone.evaluate(testing::truth1d);
    const std::vector<EqualBins> bins{{theory.channels()[0].axes, 0, 50},
                                      {theory.channels()[1].axes, 1, 7}};
    const auto counts = counted(whole, bins);
    const auto x = all_sorted(whole, 1);
    EXPECT_TRUE(std::ranges::is_sorted(x));
    const auto few = compressed(theory, whole);
    EXPECT_EQ(few.has_value(), rows > 20000);
    for (const int ranks : rank_counts)
      events.spread(ranks, [&](const Dataset& data) {
        SCOPED_TRACE(ranks);
        EXPECT_EQ(data.rows(), rows);
        EXPECT_EQ(data.table(), nullptr);
        EXPECT_LE(data.own().size(), rows / static_cast<unsigned>(ranks) + 4096);
        const UnbinnedLikelihood likelihood(density, data, {});
        const auto found = likelihood.evaluate(testing::truth1d);
        EXPECT_EQ(found.value, expected.value);
        EXPECT_EQ(found.gradient, expected.gradient);
        EXPECT_EQ(found.curvature.data, expected.curvature.data);
        EXPECT_EQ(likelihood.explain(testing::truth1d), "");
        EXPECT_EQ(likelihood.events(), static_cast<double>(rows));
        const auto again = counted(data, bins);
        EXPECT_EQ(again.bins, counts.bins);
        EXPECT_EQ(again.events, counts.events);
        EXPECT_EQ(all_sorted(data, 1), x);
        const auto small = compressed(theory, data);
        ASSERT_EQ(small.has_value(), few.has_value());
        for (std::size_t c = 0; few && c < 2; ++c)
          EXPECT_TRUE(std::ranges::equal(small->column(c), few->column(c)));
        EXPECT_THROW(data.for_each_chunk([](auto, const auto&) {}), Bug);
      });
  }
}

TEST(Spread, NamesTheFirstEventOfAllThatAFitCannotDescribe) {
  // Its density is zero at a theta outside the box: every event is bad, the first counts.
  const Events events(9000);
  const Density density(events.plan.fitted());
  const std::vector<double> nowhere{0, -0.5, 3, 0, -0.5, 4};
  const Dataset whole = events.whole();
  const auto words = UnbinnedLikelihood(density, whole, {}).explain(nowhere);
  EXPECT_NE(words.find("row 1:"), std::string::npos) << words;
  events.spread(3, [&](const Dataset& data) {
    const UnbinnedLikelihood likelihood(density, data, {});
    EXPECT_EQ(likelihood.explain(nowhere), words);
  });
}

TEST(Spread, PlansThatNeedAllEventsSayWhy) {
  EXPECT_EQ(why_not_spread(Events(100).plan), "");
  const auto why = [](std::vector<std::string> more) {
    return why_not_spread(Events(100, std::move(more)).plan);
  };
  EXPECT_EQ(why({"objective=moments"}),
            "objective 'moments' needs all events on one rank");
  EXPECT_NE(why({"ensemble.members=2"}), "");
  EXPECT_NE(why({"ensemble.bootstrap=true"}), "");
}

}  // namespace
}  // namespace femto
