// Spreads and correlations of smeared values, slopes, and what is refused.
#include <cmath>

#include "tests/support/steps.h"
#include <gtest/gtest.h>

namespace femto {
namespace {

using testing::Records;
using testing::step;

constexpr std::size_t n = 40'000;

struct Moments {
  double mean = 0, sd = 0;
};

Moments of(const std::vector<double>& x) {
  Moments m;
  for (const double v : x) m.mean += v / static_cast<double>(x.size());
  for (const double v : x) m.sd += (v - m.mean) * (v - m.mean);
  m.sd = std::sqrt(m.sd / static_cast<double>(x.size()));
  return m;
}

// Bands: 5 standard errors of mean, sd and correlation.
TEST(ResolutionStage, SpreadsAsItSays) {
  const auto smear = step(
      "{type: resolution, columns: [x1, x2], relative: [0.05, 0.12], stochastic: [0.02, "
      "0], constant: [0.01, 0], correlation: 0.3}");
  Records r(std::vector<double>(n, 0.4));
  r.pass(*smear);
  const double sd1 = std::sqrt(0.02 * 0.02 * 0.4 + 0.05 * 0.05 * 0.16 + 1e-4);
  const double sd2 = 0.12 * 0.4;
  const auto a = of(r.x1), b = of(r.x2);
  EXPECT_NEAR(a.mean, 0.4, 5 * sd1 / std::sqrt(n));
  EXPECT_NEAR(a.sd, sd1, 5 * sd1 / std::sqrt(2.0 * n));
  EXPECT_NEAR(b.sd, sd2, 5 * sd2 / std::sqrt(2.0 * n));
  double cross = 0;
  for (std::size_t i = 0; i < n; ++i)
    cross += (r.x1[i] - a.mean) * (r.x2[i] - b.mean) / (a.sd * b.sd * n);
  EXPECT_NEAR(cross, 0.3, 5 * (1 - 0.09) / std::sqrt(n));
}

TEST(ResolutionStage, LogSpaceSpreadsLogarithms) {
  const auto smear = step(
      "{type: resolution, columns: [x1], relative: [0.2], space: log, scale: {value: "
      "1.5}}");
  Records r(std::vector<double>(n, 0.4));
  r.pass(*smear);
  for (double& v : r.x1) v = std::log(v);
  EXPECT_NEAR(of(r.x1).mean, std::log(0.6), 5 * 0.2 / std::sqrt(n));
  EXPECT_NEAR(of(r.x1).sd, 0.2, 5 * 0.2 / std::sqrt(2.0 * n));
}

TEST(ResolutionStage, SlopesMatchFiniteDifferences) {
  for (const char* space : {"linear", "log"}) {
    const auto smear =
        step(std::string("{type: resolution, columns: [x1, x2], relative: [0.1], width: "
                         "{value: 1.1, sd: 0.1}, space: ") +
             space + "}");
    const std::vector<double> x{0.15, 0.4, 0.8}, nu{1.2, 0.9};
    std::vector<double> upstream(3, 1.0), other(3, 1.0);
    const double* before[] = {x.data(), x.data()};
    double* up[] = {upstream.data(), other.data()};
    smear->backward({random::Stream{9, 3}, 0}, nu, 3, before, up);
    const double h = 1e-6;
    for (std::size_t i = 0; i < 3; ++i) {
      auto moved = x;
      moved[i] += h;
      Records above(moved);
      above.pass(*smear, nu);
      moved[i] -= 2 * h;
      Records below(moved);
      below.pass(*smear, nu);
      EXPECT_NEAR(upstream[i], (above.x1[i] - below.x1[i]) / (2 * h), 1e-8) << space;
      EXPECT_NEAR(other[i], (above.x2[i] - below.x2[i]) / (2 * h), 1e-8) << space;
    }
  }
}

TEST(ResolutionStage, MergesCorrelatedChannels) {
  const auto pair =
      step("{type: resolution, columns: [x2, x1], relative: [0.1], correlation: 0.05}");
  ASSERT_EQ(pair->channels().size(), 1u);
  EXPECT_EQ(pair->channels()[0].axes[0].column, "x1");
  EXPECT_EQ(pair->channels()[0].axes[1].column, "x2");
}

TEST(ResolutionStage, RefusesWhatCannotBe) {
  EXPECT_THROW(step("{type: resolution, columns: [x1]}"), Error);  // no error at all
  EXPECT_THROW(step("{type: resolution, columns: [y], relative: [0.1]}"), Error);
  EXPECT_THROW(step("{type: resolution, columns: [x1], relative: [0.1], correlation: "
                    "0.1}"),
               Error);
  EXPECT_THROW(
      step("{type: resolution, columns: [x1], relative: [0.1], scale: {value: 1, "
           "sd: .inf}}"),
      Error);  // free without a box
}

}  // namespace
}  // namespace femto
