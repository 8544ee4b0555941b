// Sums over ranges of terms: the bits of the sum over all, however they are cut.
#include "femto/core/split_sum.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "femto/core/random.h"
#include "femto/core/sum.h"

namespace femto {
namespace {

/// Numbers of very different sizes, whose sum depends on the order.
std::vector<double> rough(std::size_t n) {
  const auto stream = random::Stream::named(5, "rough");
  std::vector<double> out(n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto z = random::normal_pair(stream, i);
    out[i] = z[0] * std::exp(8 * z[1]);
  }
  return out;
}

double split(std::span<const double> x, const std::vector<std::size_t>& bounds) {
  std::vector<std::vector<double>> parts;
  for (std::size_t h = 0; h + 1 < bounds.size(); ++h) {
    parts.push_back(subtree_sums(
        x.subspan(bounds[h], bounds[h + 1] - bounds[h]), bounds[h], x.size()));
    EXPECT_LE(parts.back().size(),
              64 + 2 * std::log2(1.0 + static_cast<double>(x.size())));
  }
  std::vector<std::size_t> used(parts.size(), 0);
  const double sum =
      joined_sum(x.size(), bounds, [&](std::size_t h) { return parts[h].at(used[h]++); });
  for (std::size_t h = 0; h < parts.size(); ++h) EXPECT_EQ(used[h], parts[h].size());
  return sum;
}

TEST(SplitSum, HasTheBitsOfTheWholeSumForAnyCut) {
  for (const std::size_t n : {0, 1, 7, 32, 33, 64, 100, 1000, 4099}) {
    const auto x = rough(n);
    const double whole = pairwise_sum(x);
    for (std::size_t holders = 1; holders <= 7; ++holders) {
      const auto stream = random::Stream::named(6, "cuts", n, holders);
      for (std::uint64_t k = 0; k < 20; ++k) {
        std::vector<std::size_t> bounds{0, n};  // some holders may have nothing
        for (std::size_t h = 1; h < holders; ++h)
          bounds.push_back(static_cast<std::size_t>(
              random::uniform(stream, k * holders + h) * static_cast<double>(n + 1)));
        std::ranges::sort(bounds);
        EXPECT_EQ(split(x, bounds), whole) << n << " terms of " << holders;
      }
    }
  }
}

TEST(SplitSum, TheOrderWouldMatter) {
  const auto x = rough(4099);
  EXPECT_NE(std::accumulate(x.begin(), x.end(), 0.0), pairwise_sum(x));
}

}  // namespace
}  // namespace femto
