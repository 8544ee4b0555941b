// Held-out pairs against the response they were drawn from, and against wrong ones.
#include "femto/pipeline/response_check.h"

#include <cmath>

#include <gtest/gtest.h>

#include "femto/core/random.h"

namespace femto {
namespace {

constexpr double detected = 0.8;

/// Normal errors of width `sd` around x + shift, four of five events measured.
MixtureResponse normal(double sd, double shift = 0, double efficiency = detected) {
  constexpr std::size_t n = 11;
  ResponseKnots k{ResponseSpace::linear, 0, 1, -1, 2, {}, {}, {}, {}};
  k.logit = k.mean = k.log_sd = Matrix(1, n);
  for (std::size_t j = 0; j < n; ++j) {
    k.mean(0, j) = static_cast<double>(j) / (n - 1) + shift;
    k.log_sd(0, j) = std::log(sd);
    k.detection.push_back(std::log(efficiency / (1 - efficiency)));
  }
  return MixtureResponse(k);
}

ResponsePairs pairs(std::size_t n) {
  ResponsePairs out;
  for (std::size_t i = 0; i < n; ++i) {
    const double x = random::uniform({3, 1}, i);
    const double y = x + 0.1 * random::normal_pair({3, 2}, i)[0];
    out.truth.push_back(x);
    out.measured.push_back(random::uniform({3, 3}, i) < detected ? y : std::nan(""));
  }
  return out;
}

Migration bins_of(const ResponsePairs& from) {
  return counted(from, equal_edges(0, 1, 5), equal_edges(-1, 2, 30), {"f", "x", ""})
      .migration();
}

const ResponsePairs all = pairs(20'000);

TEST(ResponseCheck, FindsNothingWrongWithTheTruth) {
  const auto check = check_response(normal(0.1), bins_of(all), all);
  std::size_t measured = 0;
  double sum = 0;
  for (std::size_t i = 0; i < all.truth.size(); ++i)
    if (std::isfinite(all.measured[i])) {
      ++measured;
      const double z = (all.measured[i] - all.truth[i]) / 0.1;
      sum += -0.5 * z * z - std::log(0.1 * std::sqrt(2 * M_PI));
    }
  EXPECT_EQ(check.pairs, measured);
  EXPECT_NEAR(check.log_density, sum / static_cast<double>(measured), 1e-9);
  EXPECT_GT(check.pit_p, 0.01);
  EXPECT_GT(check.detection_p, 0.01);
  // Bins of 0.2 widen a resolution of 0.1: sd^2 = 0.01 + 0.2^2 / 6, or ln(sd / 0.1) =
  // 0.26 of information at most.
  EXPECT_GT(check.gain, 10 * check.error);
  EXPECT_LT(check.gain, 0.3);
  EXPECT_EQ(words(check, "x").size(), 1u);
}

TEST(ResponseCheck, SeesAWrongWidthShiftAndEfficiency) {
  const auto told = [](const MixtureResponse& wrong) {
    return words(check_response(wrong, bins_of(all), all), "x");
  };
  for (const auto& wrong : {normal(0.11), normal(0.1, 0.01)}) {
    const auto sentences = told(wrong);
    ASSERT_EQ(sentences.size(), 2u);
    EXPECT_NE(sentences[1].find("does not describe pairs"), std::string::npos);
  }
  const auto sentences = told(normal(0.1, 0, 0.77));
  ASSERT_EQ(sentences.size(), 2u);
  EXPECT_NE(sentences[1].find("probability that x is measured"), std::string::npos);
}

TEST(ResponseCheck, CountsPairsForWhichBinsHaveNoPlace) {
  ResponsePairs few;
  few.truth = {0.1, 0.5, 0.9};
  few.measured = {0.1, 0.5, 0.9};
  const auto binned =
      counted(few, equal_edges(0, 1, 2), equal_edges(0, 1, 10), {"f", "x", ""})
          .migration();
  ResponsePairs held_out;
  for (int i = 0; i < 40; ++i) {
    held_out.truth.push_back(0.1);
    held_out.measured.push_back(i < 30 ? 0.15 : 0.9);
  }
  EXPECT_EQ(check_response(normal(0.1), binned, held_out).impossible, 10u);
}

}  // namespace
}  // namespace femto
