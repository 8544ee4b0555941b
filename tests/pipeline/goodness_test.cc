// Tests of goodness of fit have uniform p-values where the hypothesis is true.
#include "femto/pipeline/goodness.h"

#include <cmath>

#include <gtest/gtest.h>

#include "femto/core/random.h"

namespace femto {
namespace {

/// Distance that 400 uniform values exceed with probability 1e-4: the Kolmogorov
/// quantile 2.2253 over sqrt(400).
constexpr std::size_t repeats = 400;
constexpr double band = 2.2253 / 20;

TEST(Goodness, KolmogorovPValuesAreUniform) {
  std::vector<double> p;
  for (std::size_t r = 0; r < repeats; ++r) {
    const auto stream = random::Stream::named(7, "ks", r);
    std::vector<double> u;
    for (std::uint64_t i = 0; i < 500; ++i) u.push_back(random::uniform(stream, i));
    p.push_back(kolmogorov_smirnov(std::move(u)).p_value);
  }
  EXPECT_LT(kolmogorov_distance(p), band);
}

TEST(Goodness, ChiSquarePValuesAreUniform) {
  constexpr std::size_t bins = 40;
  const std::vector<double> expected(bins, 200.0);
  std::vector<double> p;
  for (std::size_t r = 0; r < repeats; ++r) {
    const auto stream = random::Stream::named(8, "chi", r);
    std::vector<double> counts(bins, 0.0);
    for (std::uint64_t i = 0; i < bins * 200; ++i)
      counts[static_cast<std::size_t>(random::uniform(stream, i) * bins)] += 1;
    p.push_back(baker_cousins(counts, expected, 0).p_value);
  }
  EXPECT_LT(kolmogorov_distance(p), band);
}

TEST(Goodness, SeesAWrongDensity) {
  std::vector<double> u;
  const auto stream = random::Stream::named(9, "ks");
  for (std::uint64_t i = 0; i < 2000; ++i)
    u.push_back(std::pow(random::uniform(stream, i), 1.2));
  EXPECT_LT(kolmogorov_smirnov(u).p_value, 1e-3);
}

TEST(Goodness, GivesTheSaturatedRatioInClosedForm) {
  // 2 [12 - 10 + 10 ln(10/12) + 8 - 10 + 10 ln(10/8)].
  const std::vector<double> counts{10, 10}, expected{12, 8};
  const auto t = baker_cousins(counts, expected, 0);
  EXPECT_NEAR(t.statistic, 20 * (std::log(10.0 / 12) + std::log(10.0 / 8)), 1e-12);
  EXPECT_EQ(t.ndf, 1);
}

TEST(Goodness, MergesBinsThatExpectFewCounts) {
  const std::vector<double> counts{3, 4, 20, 1, 0}, expected{2, 3, 20, 2, 1};
  const auto t = baker_cousins(counts, expected, 0);
  EXPECT_EQ(t.ndf, 1);  // {2 + 3}, {20 + 2 + 1}
  const double ratio = 2 * (7 * std::log(7.0 / 5) + 21 * std::log(21.0 / 23));
  EXPECT_NEAR(t.statistic, ratio, 1e-12);
}

TEST(Goodness, MeasuresTheLargestDistance) {
  std::vector<double> u{0.9, 0.2, 0.4};
  EXPECT_NEAR(kolmogorov_distance(u), 2.0 / 3 - 0.4, 1e-15);
}

}  // namespace
}  // namespace femto
