// The promises of all strategies, and their place in the catalogue.
#include <set>

#include "tests/exchange/ranks.h"
#include "tests/exchange/strategy_checks.h"
#include "tests/support/catalogue.h"

#include "femto/exchange/builtins.h"

namespace femto::exchange {
namespace {

Registry all_strategies() {
  Registry registry;
  register_builtins(registry);
  return registry;
}

TEST(Strategies, CatalogueIsComplete) {
  test::check_catalogue(all_strategies(), "src/femto/exchange", "tests/exchange");
}

TEST(Strategies, EveryOneIsHeldToItsTerms) {
  std::set<std::string> checked, known;
  for (const auto& strategy : strategies()) {
    SCOPED_TRACE(strategy.name + " " + strategy.settings);
    for_rank_counts([&](Communicator& group) { check_terms(group, strategy); });
    checked.insert(strategy.name);
  }
  const auto registry = all_strategies();
  for (const auto& [name, entry] : registry.shelf("exchange")) known.insert(name);
  EXPECT_EQ(checked, known);
}

TEST(Strategies, EveryOneIsTheSameOnAVirtualClock) {
  // Ranks that compute for unequal times; the second run has the same bits and times.
  for (const auto& strategy : strategies()) {
    SCOPED_TRACE(strategy.name + " " + strategy.settings);
    std::vector<std::vector<float>> runs;
    for (int run = 0; run < 2; ++run) {
      runs.emplace_back();
      run_as_ranks(
          {.ranks = 3, .simulated = true, .latency = 1e-3}, [&](Communicator& g) {
            const auto replica = build_strategy(strategy)->join(g, three_parts());
            Descent descent;
            descent.c = [](int rank, std::size_t i) {
              return rank + 0.01 * static_cast<double>(i);
            };
            auto weights = descend(
                g, *replica, three_parts_size, descent, 9, [&](std::uint64_t, auto&) {
                  g.pass(0.1 * (1 + g.rank()));
                });
            weights.push_back(static_cast<float>(g.seconds()));
            std::vector<float> all(weights.size() * 3);
            allgather<float>(g, weights, all, "end");
            if (g.rank() == 0) runs.back() = all;
          });
    }
    EXPECT_EQ(runs[0], runs[1]);
  }
}

TEST(Strategies, UnevenStepsAreAnErrorThatNamesRankAndTensor) {
  // Whoever waits for others must not hang when one has fewer batches.
  for (const auto& strategy : strategies()) {
    const auto terms = build_strategy(strategy)->terms(3);
    if (terms.survives_death) continue;
    SCOPED_TRACE(strategy.name + " " + strategy.settings);
    const auto outcomes = outcomes_of_ranks(
        {.ranks = 3, .limit = 600, .simulated = true}, [&](Communicator& g) {
          const auto replica = build_strategy(strategy)->join(g, three_parts());
          Descent descent;
          descent.c = [](int, std::size_t) { return 1.0; };
          descend(g, *replica, three_parts_size, descent, g.rank() == 1 ? 5 : 24);
        });
    EXPECT_FALSE(outcomes[1]);
    for (const std::size_t r : {0u, 2u}) {
      ASSERT_TRUE(outcomes[r]);
      try {
        std::rethrow_exception(outcomes[r]);
      } catch (const ExchangeError& error) {
        EXPECT_EQ(error.place().rank, static_cast<int>(r));
        EXPECT_GE(error.place().peer, 0);
        EXPECT_NE(std::string(error.what()).find("layer0.weight to layer1.weight"),
                  std::string::npos)
            << error.what();
        EXPECT_FALSE(error.hint().empty());
      }
    }
  }
}

}  // namespace
}  // namespace femto::exchange
