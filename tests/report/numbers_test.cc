// Numbers as people read them; expected texts written by hand.
#include "femto/report/numbers.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace femto::report {
namespace {

TEST(Numbers, ErrorShowsTwoDigits) {
  EXPECT_EQ(shown_with_error(1.23456, 0.0567), "1.235 ± 0.057");
  EXPECT_EQ(shown_with_error(-0.5, 0.0211), "-0.500 ± 0.021");
  EXPECT_EQ(shown_with_error(1234.5, 56.7), "1234 ± 57");
  EXPECT_EQ(shown_with_error(2.5e9, 3e7), "(2.500 ± 0.030)·10^9");
  EXPECT_EQ(shown_with_error(0.25, 0), "0.25");
}

TEST(Numbers, IntervalsShowWhatIsOpen) {
  EXPECT_EQ(shown_interval(1.0, 1.2), "[1.00, 1.20]");
  EXPECT_EQ(shown_interval(std::nullopt, 1.2), "(−∞, 1.2]");
  EXPECT_EQ(shown_interval(-3.0, std::nullopt), "[-3, ∞)");
  EXPECT_EQ(shown_interval(std::nullopt, std::nullopt), "–");
}

TEST(Numbers, CountsDurationsAndBytes) {
  EXPECT_EQ(shown_count(7), "7");
  EXPECT_EQ(shown_count(1000), "1,000");
  EXPECT_EQ(shown_count(-100000), "-100,000");
  EXPECT_EQ(shown_count(12345678), "12,345,678");
  EXPECT_EQ(shown_duration(0.4213), "0.421 s");
  EXPECT_EQ(shown_duration(192), "3 min 12 s");
  EXPECT_EQ(shown_duration(7500), "2 h 5 min");
  EXPECT_EQ(shown_bytes(61865984), "59.0 MiB");
}

TEST(Numbers, NotFiniteIsNullOrDash) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(short_number(nan).is_null());
  EXPECT_TRUE(short_number(INFINITY).is_null());
  EXPECT_EQ(short_number(0.12345678).get<double>(), 0.123457);
  EXPECT_EQ(shown(nan), "–");
  EXPECT_EQ(shown(std::nullopt), "–");
}

RC_GTEST_PROP(Thinned, KeepsEndsExtremesAndOrder, (const std::vector<int>& values)) {
  std::vector<double> y;
  for (int copy = 0; copy < 20; ++copy) y.insert(y.end(), values.begin(), values.end());
  const std::size_t limit = 50;
  const auto kept = thinned(y, limit);
  RC_ASSERT(kept.size() <= std::max(limit, std::size_t{0}));
  RC_ASSERT(std::ranges::is_sorted(kept));
  RC_ASSERT(std::ranges::adjacent_find(kept) == kept.end());
  if (y.empty()) return;
  RC_ASSERT(kept.front() == 0U);
  RC_ASSERT(kept.back() == y.size() - 1);
  std::vector<double> seen;
  for (const std::size_t i : kept) seen.push_back(y[i]);
  RC_ASSERT(std::ranges::max(seen) == std::ranges::max(y));
  RC_ASSERT(std::ranges::min(seen) == std::ranges::min(y));
}

TEST(Thinned, PassesOverWhatIsNotFinite) {
  const std::vector<double> y{1, NAN, 3, INFINITY, 2};
  EXPECT_EQ(thinned(y, 100), (std::vector<std::size_t>{0, 2, 4}));
}

}  // namespace
}  // namespace femto::report
