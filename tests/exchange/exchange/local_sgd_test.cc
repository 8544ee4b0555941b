// Local steps and means of weights against their closed forms.
#include "tests/exchange/ranks.h"
#include "tests/exchange/strategy_checks.h"

namespace femto::exchange {
namespace {

TEST(LocalSgd, ConvergesToTheClosedFormWithItsBias) {
  // On rank r, H steps multiply the distance to c_r by q_r = (1 - rate a_r)^H; the means
  // stop moving at w = sum (1 - q_r) c_r / sum (1 - q_r), for H = 1 the minimum of the
  // sum of losses.
  for (const int ranks : {2, 3, 4, 7})
    for (const int every : {1, 5, 20})
      run_as_ranks({.ranks = ranks}, [&](Communicator& group) {
        const auto replica =
            build_strategy({"local_sgd", "{every: " + std::to_string(every) + "}"})
                ->join(group, {{"w", 4}});
        Descent descent;
        descent.a = [](int rank, std::size_t i) {
          return 0.5 + rank + 0.25 * static_cast<double>(i);
        };
        descent.c = [](int rank, std::size_t) { return rank * rank; };
        const auto w = descend(group, *replica, 4, descent, 400);
        for (std::size_t i = 0; i < 4; ++i) {
          double weight = 0, sum = 0;
          for (int r = 0; r < ranks; ++r) {
            const double m = 1 - std::pow(1 - 0.1 * descent.a(r, i), every);
            weight += m;
            sum += m * descent.c(r, i);
          }
          EXPECT_NEAR(w[i], sum / weight, 2e-5 * (1 + sum / weight)) << every;
        }
      });
}

TEST(LocalSgd, SendsOnlyAtTheEndOfARound) {
  run_as_ranks({.ranks = 4}, [](Communicator& group) {
    const auto replica =
        build_strategy({"local_sgd", "{every: 3}"})->join(group, three_parts());
    std::vector<float> weights(three_parts_size);
    for (std::uint64_t step = 0; step < 6; ++step) {
      const auto before = replica->report().traffic.messages;
      replica->gradients(step, weights);
      replica->weights(step, weights);
      // 2 (P-1) pieces, and P-1 hashes.
      EXPECT_EQ(replica->report().traffic.messages - before, step % 3 == 2 ? 9u : 0u);
    }
  });
}

}  // namespace
}  // namespace femto::exchange
