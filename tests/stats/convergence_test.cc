// R-hat and effective sample sizes of chains whose autocorrelation is known.
#include "femto/stats/convergence.h"

#include <cmath>

#include <gtest/gtest.h>

#include "femto/core/random.h"

namespace femto::stats {
namespace {

/// x_t = r x_(t-1) + sqrt(1 - r^2) normal, stationary from the start.
Chains autoregressive(std::size_t chains, std::size_t draws, double r, double shift = 0) {
  Chains out;
  for (std::size_t c = 0; c < chains; ++c) {
    std::vector<double> x(draws);
    for (std::size_t t = 0; t < draws; ++t) {
      const double z = random::normal_pair({7, static_cast<std::uint32_t>(c)}, t)[0];
      x[t] = t == 0 ? z : r * x[t - 1] + std::sqrt(1 - r * r) * z;
    }
    for (double& v : x) v += shift * static_cast<double>(c);
    out.push_back(std::move(x));
  }
  return out;
}

TEST(Convergence, IndependentDrawsCountFully) {
  const auto chains = autoregressive(4, 2000, 0);
  // The error of the sum of a few autocorrelations is a few times 1/sqrt(8000).
  EXPECT_NEAR(ess_mean(chains), 8000, 800);
  EXPECT_NEAR(ess_bulk(chains), 8000, 800);
  EXPECT_NEAR(ess_tail(chains), 8000, 800);
  // R-hat - 1 is about the variance of half-chain means over that of the draws, 1/1000.
  EXPECT_NEAR(split_rhat(chains), 1, 0.003);
}

TEST(Convergence, AutoregressionCountsByItsClosedForm) {
  for (const double r : {-0.5, 0.3, 0.6, 0.9}) {
    const auto chains = autoregressive(4, 10000, r);
    const double expected = 40000 * (1 - r) / (1 + r);
    EXPECT_NEAR(ess_mean(chains), expected, 0.1 * expected) << r;
    EXPECT_NEAR(ess_bulk(chains), expected, 0.1 * expected) << r;
  }
}

TEST(Convergence, ChainsApartAreSeen) {
  // Half-chains have means 0, 0, 1, 1, of variance 1/3, and variance 1 inside; ranks
  // change the ratio little.
  const auto chains = autoregressive(2, 4000, 0, 1);
  EXPECT_NEAR(split_rhat(chains), std::sqrt(1 + 1.0 / 3), 0.03);
  EXPECT_LT(ess_bulk(chains), 20);
}

TEST(Convergence, ATrendWithinAChainIsSeen) {
  Chains chains = autoregressive(4, 1000, 0);
  for (auto& c : chains)
    for (std::size_t t = 0; t < c.size(); ++t) c[t] += 0.003 * static_cast<double>(t);
  EXPECT_GT(split_rhat(chains), 1.1);
}

TEST(Convergence, ChainsOfDifferentWidthAreSeen) {
  Chains chains = autoregressive(4, 1000, 0);
  for (double& x : chains[0]) x *= 5;
  EXPECT_GT(split_rhat(chains), 1.05);
}

TEST(Convergence, RanksDoNotMindHeavyTails) {
  // Ratios of normals are Cauchy: no variance, and yet the bulk is known.
  Chains chains;
  for (std::uint32_t c = 0; c < 4; ++c) {
    chains.emplace_back();
    for (std::size_t t = 0; t < 1000; ++t) {
      const auto z = random::normal_pair({3, c}, t);
      chains.back().push_back(z[0] / z[1]);
    }
  }
  EXPECT_NEAR(split_rhat(chains), 1, 0.01);
  EXPECT_NEAR(ess_bulk(chains), 4000, 600);
}

TEST(Convergence, DrawsThatSayNothing) {
  const Chains equal(2, std::vector<double>(10, 3.0));
  EXPECT_TRUE(std::isnan(split_rhat(equal)));
  EXPECT_TRUE(std::isnan(ess_bulk(equal)));
  EXPECT_TRUE(std::isnan(ess_tail(equal)));
  Chains broken = autoregressive(2, 10, 0);
  broken[1][3] = std::nan("");
  EXPECT_TRUE(std::isnan(ess_mean(broken)));
}

TEST(Convergence, EnergiesThatMoveFreely) {
  // Independent energies: E (a - b)^2 / Var = 2. A walk with steps a tenth of its width
  // has 1 - r^2 + (1 - r)^2 = 2 (1 - r).
  EXPECT_NEAR(bfmi(autoregressive(1, 20000, 0)[0]), 2, 0.1);
  EXPECT_NEAR(bfmi(autoregressive(1, 20000, 0.9)[0]), 0.2, 0.02);
}

}  // namespace
}  // namespace femto::stats
