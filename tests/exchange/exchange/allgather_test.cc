// Means and medians of gathered gradients.
#include <algorithm>

#include "tests/exchange/ranks.h"
#include "tests/exchange/strategy_checks.h"

namespace femto::exchange {
namespace {

std::vector<float> combined(const std::string& settings, int ranks) {
  std::vector<float> out;
  run_as_ranks({.ranks = ranks}, [&](Communicator& group) {
    const auto replica =
        build_strategy({"allgather", settings})->join(group, three_parts());
    auto gradient = rough_numbers(three_parts_size, group.rank());
    // One rank has gone astray.
    if (group.rank() == 2)
      for (float& g : gradient) g = 1e30f;
    replica->gradients(0, gradient);
    EXPECT_EQ(replica->report().traffic.messages, static_cast<std::uint64_t>(ranks - 1));
    EXPECT_EQ(replica->report().traffic.bytes,
              static_cast<std::uint64_t>(ranks - 1) * 4 * three_parts_size);
    if (group.rank() == 1) out = gradient;
  });
  return out;
}

std::vector<float> sorted_at(std::size_t i, int ranks) {
  std::vector<float> values;
  for (int r = 0; r < ranks; ++r)
    values.push_back(r == 2 ? 1e30f : rough_numbers(three_parts_size, r)[i]);
  std::sort(values.begin(), values.end());
  return values;
}

TEST(AllGather, TheMedianBearsWithARankThatWentAstray) {
  const auto odd = combined("{combine: median}", 7),
             even = combined("{combine: median}", 4);
  for (std::size_t i = 0; i < three_parts_size; ++i) {
    EXPECT_EQ(odd[i], sorted_at(i, 7)[3]);
    const auto v = sorted_at(i, 4);
    EXPECT_EQ(even[i], static_cast<float>((static_cast<double>(v[1]) + v[2]) / 2));
  }
}

TEST(AllGather, TheTrimmedMeanLeavesOutBothEnds) {
  // A fifth of 7 ranks is one at each end.
  const auto got = combined("{combine: trimmed_mean, trim: 0.2}", 7);
  for (std::size_t i = 0; i < three_parts_size; ++i) {
    const auto v = sorted_at(i, 7);
    double sum = 0;
    for (std::size_t k = 1; k < 6; ++k) sum += v[k];
    EXPECT_FLOAT_EQ(got[i], static_cast<float>(sum / 5));
  }
}

}  // namespace
}  // namespace femto::exchange
