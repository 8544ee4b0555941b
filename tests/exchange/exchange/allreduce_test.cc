// The bucketed mean of gradients.
#include "tests/exchange/ranks.h"
#include "tests/exchange/strategy_checks.h"

namespace femto::exchange {
namespace {

const std::vector<Part> layers{
    {"a", 1000}, {"b", 30}, {"c", 1100}, {"d", 5}, {"e", 2000}};
constexpr std::size_t all_numbers = 1000 + 30 + 1100 + 5 + 2000;

TEST(AllReduce, BucketsHoldWholeTensorsAndTheirMessagesAreCounted) {
  // From the end: e (2000), d + c (1105), b + a (1030): three buckets of at least 1024.
  run_as_ranks({.ranks = 4}, [](Communicator& group) {
    const auto replica = build_strategy({"allreduce", "{bucket: 1024, check_every: 0}"})
                             ->join(group, layers);
    std::vector<float> gradient(all_numbers);
    replica->gradients(0, gradient);
    EXPECT_EQ(replica->report().traffic.messages, 3u * 2 * 3);
    const auto whole =
        build_strategy({"allreduce", "{check_every: 0}"})->join(group, layers);
    whole->gradients(0, gradient);
    EXPECT_EQ(whole->report().traffic.messages, 2u * 3);
  });
}

TEST(AllReduce, EarlyPartsTravelEarlyAndGiveTheSameBits) {
  run_as_ranks({.ranks = 3}, [](Communicator& group) {
    const auto replica =
        build_strategy({"allreduce", "{bucket: 1024}"})->join(group, layers);
    for (std::uint64_t step = 0; step < 3; ++step) {
      auto late = rough_numbers(all_numbers, group.rank(), step);
      auto early = late;
      replica->gradients(step, late);
      for (std::size_t part = layers.size(); part-- > 0;) {
        replica->ready(part, early);
        // The messages of e leave before the others are ready.
        if (part == 4) {
          const auto sent = replica->report().traffic.messages;
          EXPECT_EQ(sent, 3u * 2 * 2 * (2 * step + 1) + 2);
        }
      }
      replica->gradients(step, early);
      EXPECT_EQ(early, late);
    }
  });
}

TEST(AllReduce, OneSimulatedStepOverlapsWithComputing) {
  // 1 ms a message, 1 us a byte: the bucket of e (2000 numbers, 8 ms in all) travels
  // while 20 ms of computing go on, so that only the other two buckets are waited for.
  for (const bool early : {false, true}) {
    double ended = 0;
    run_as_ranks(
        {.ranks = 2, .simulated = true, .latency = 1e-3, .seconds_per_byte = 1e-6},
        [&](Communicator& group) {
          const auto replica =
              build_strategy({"allreduce", "{bucket: 1024}"})->join(group, layers);
          std::vector<float> gradient(all_numbers);
          if (early) replica->ready(4, gradient);
          group.pass(0.020);
          replica->gradients(0, gradient);
          if (group.rank() == 0) ended = group.seconds();
        });
    // Half of the numbers goes out in the first half of a bucket's exchange and the other
    // half back: 4 bytes * 1 us * n / 2 each, and two latencies at least.
    const double all = 0.020 + 2e-3 + 4e-6 * all_numbers;
    const double rest = all - 4e-6 * 1000;
    EXPECT_NEAR(ended, early ? rest : all, 3e-3);
    if (early) {
      EXPECT_LT(ended, all - 2e-3);
    }
  }
}

TEST(AllReduce, FindsTheMinimumOfTheSumOfLosses) {
  // sum_r a_r (w - c_r) = 0.
  run_as_ranks({.ranks = 4}, [](Communicator& group) {
    const auto replica = build_strategy({"allreduce", ""})->join(group, three_parts());
    Descent descent;
    descent.a = [](int rank, std::size_t i) {
      return 1.0 + rank + static_cast<double>(i % 3);
    };
    descent.c = [](int rank, std::size_t i) {
      return rank * rank + 0.1 * static_cast<double>(i);
    };
    const auto w = descend(group, *replica, three_parts_size, descent, 200);
    for (std::size_t i = 0; i < w.size(); ++i) {
      double weight = 0, sum = 0;
      for (int r = 0; r < 4; ++r) {
        weight += descent.a(r, i);
        sum += descent.a(r, i) * descent.c(r, i);
      }
      EXPECT_NEAR(w[i], sum / weight, 1e-5 * (1 + std::abs(sum / weight)));
    }
  });
}

}  // namespace
}  // namespace femto::exchange
