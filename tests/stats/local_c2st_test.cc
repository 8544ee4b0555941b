// The local test accepts the exact posterior and sees faults that ranks do not.
#include "femto/stats/local_c2st.h"

#include <cmath>

#include <gtest/gtest.h>

#include "femto/core/threads.h"
#include "femto/stats/calibration.h"
#include "femto/stats/distributions.h"

namespace femto::stats {
namespace {

constexpr double noise = 0.7, gain = 1 / (1 + noise * noise);
const double sd = noise * std::sqrt(gain);
constexpr std::size_t draws = 40;

/// What is done to the exact posterior N(gain y, sd^2) of y = theta + noise with a normal
/// prior of theta.
struct Fault {
  double width = 1;
  double shift = 0;        // in standard deviations
  double slope = 0;        // shift per unit of y
  double skew = 0;         // the true law has density 1 + sign(y) skew (2 p - 1) in
                           // the PIT p of the one that is drawn from
  double correlation = 0;  // of the second coordinate with the first, times sign(y)
};

double draw_at(double y, double p, const Fault& f) {
  const double s = y > 0 ? f.skew : -f.skew;
  const double z = normal_quantile(p + s * (p * p - p));
  return gain * y + sd * (f.width * z + f.shift + f.slope * y);
}

std::vector<double> y_of(const std::vector<double>& truth, const random::Stream& s) {
  std::vector<double> y;
  for (std::size_t j = 0; j < truth.size(); ++j)
    y.push_back(truth[j] + noise * random::normal_pair(s, 100000 + j)[1]);
  return y;
}

Matrix draws_at(const std::vector<double>& y, const Fault& f, const random::Stream& s) {
  Matrix out(draws, y.size());
  for (std::size_t i = 0; i < draws; ++i)
    for (std::size_t j = 0; j < y.size(); ++j) {
      const auto p = random::uniform(s, i, static_cast<std::uint32_t>(j));
      out(i, j) = draw_at(y[j], p, f);
    }
  const double r = y[0] > 0 ? f.correlation : -f.correlation;
  for (std::size_t i = 0; i < draws && r != 0; ++i) {
    const double a = (out(i, 0) - gain * y[0]) / sd, b = (out(i, 1) - gain * y[1]) / sd;
    out(i, 1) = gain * y[1] + sd * (r * a + std::sqrt(1 - r * r) * b);
  }
  return out;
}

std::vector<LocalCase> cases_of(std::size_t d,
                                int n,
                                const Fault& f,
                                std::uint64_t seed) {
  std::vector<LocalCase> out;
  for (int k = 0; k < n; ++k) {
    const random::Stream s{seed, static_cast<std::uint32_t>(k)};
    std::vector<double> truth;
    for (std::size_t j = 0; j < d; ++j)
      truth.push_back(random::normal_pair(s, 100000 + j)[0]);
    const auto y = y_of(truth, s);
    out.push_back({truth, draws_at(y, f, s), y});
  }
  return out;
}

double p_of(std::size_t d, int n, const Fault& f, std::uint64_t seed = 1) {
  return LocalTest(cases_of(d, n, f, seed), {seed, 9}, 999).everywhere().p;
}

double p_of_ranks(int n, const Fault& f, std::uint64_t seed = 1) {
  std::vector<double> shares;
  for (const auto& c : cases_of(1, n, f, seed))
    shares.push_back(rank_share(c.truth[0], c.draws.data, 0.5));
  return uniformity(shares).p();
}

TEST(LocalC2st, PValuesOfTheExactPosteriorAreUniform) {
  std::vector<double> everywhere, local;
  for (std::uint64_t k = 0; k < 200; ++k) {
    const LocalTest test(cases_of(1, 60, {}, 10 + k), {k, 9}, 199);
    everywhere.push_back(test.everywhere().p);
    local.push_back(test.at(draws_at({1.2}, {}, {k, 7}), {{1.2}}).p);
  }
  EXPECT_GT(uniformity(everywhere).p(), 0.01);
  EXPECT_GT(uniformity(local).p(), 0.01);
}

TEST(LocalC2st, RejectsWrongWidthAndShift) {
  EXPECT_GT(p_of(1, 400, {}), 0.05);
  EXPECT_GT(p_of(2, 400, {}), 0.05);
  EXPECT_LT(p_of(1, 400, {.width = 0.8}), 0.002);
  EXPECT_LT(p_of(1, 400, {.shift = 0.3}), 0.002);
  EXPECT_LT(p_of(2, 400, {.width = 0.8}), 0.002);
  EXPECT_LT(p_of(2, 400, {.shift = 0.3}), 0.002);
}

TEST(LocalC2st, SeesWhatIsRightOnlyOnAverage) {
  // Over both signs of y the ranks of the truths are exactly uniform.
  const Fault skewed{.skew = 0.8};
  EXPECT_GT(p_of_ranks(400, skewed), 0.05);
  EXPECT_LT(p_of(1, 400, skewed), 0.002);
  // A correlation of 0.5 of either sign.
  EXPECT_LT(p_of(2, 400, {.correlation = 0.5}), 0.002);
}

TEST(LocalC2st, TellsDataWhereDrawsAreRightFromOthers) {
  const Fault tilted{.slope = 0.5};
  const LocalTest test(cases_of(1, 400, tilted, 3), {3, 9}, 999);
  EXPECT_GT(test.at(draws_at({0}, tilted, {5, 1}), {{0.0}}).p, 0.02);
  EXPECT_LT(test.at(draws_at({2}, tilted, {5, 2}), {{2.0}}).p, 0.002);
  EXPECT_LT(test.at(draws_at({-2}, tilted, {5, 3}), {{-2.0}}).p, 0.002);
}

TEST(LocalC2st, DoesNotDependOnThreads) {
  const auto many = p_of(2, 100, {.width = 0.9});
  set_threads(1);
  const auto one = p_of(2, 100, {.width = 0.9});
  set_threads(0);
  EXPECT_EQ(many, one);
}

}  // namespace
}  // namespace femto::stats
