// Bin shares and cumulative functions against closed forms of the proxies.
#include "femto/pipeline/marginal.h"

#include <cmath>
#include <numeric>

#include "tests/support/build.h"
#include "tests/support/proxies.h"
#include <gtest/gtest.h>

namespace femto {
namespace {

using testing::build;
using testing::truth1d;
using testing::truth2d;

// F_1(0.3), F_2(0.3) and quantiles: proxy applications reference, section 1.3.
// 3e-8: cubic interpolation in bins of width 0.005 next to x = 0.1.
TEST(Marginal, CumulativeMatchesTheIncompleteBetaFunctions) {
  const auto theory = build<Theory>("{type: proxy1d}");
  const Density density(*theory);
  const Cumulative f1(density, 0, truth1d, 0), f2(density, 1, truth1d, 0);
  EXPECT_NEAR(f1(0.3), 0.734497870762, 3e-8);
  EXPECT_NEAR(f2(0.3), 0.767975761128, 3e-8);
  EXPECT_NEAR(f1(0.205045700937), 0.5, 3e-8);
  EXPECT_NEAR(f1(0.890993903517), 0.9999, 3e-8);
  EXPECT_NEAR(f2(0.11410707388), 0.1, 3e-8);
  EXPECT_EQ(f1(0.05), 0);
  EXPECT_EQ(f1(1), 1);
}

TEST(Marginal, SharesAddUpAndFollowTheCumulative) {
  const auto theory = build<Theory>("{type: proxy1d}");
  const Density density(*theory);
  const auto edges = equal_edges(theory->channels()[0].axes[0], 100);
  const auto shares = bin_shares(density, 0, truth1d, {edges});
  EXPECT_NEAR(std::accumulate(shares.begin(), shares.end(), 0.0), 1, 1e-12);
  const Cumulative f(density, 0, truth1d, 0);
  for (const std::size_t b : {0u, 30u, 70u})
    EXPECT_NEAR(shares[b], f(edges[b + 1]) - f(edges[b]), 3e-8);
}

TEST(Marginal, MeansOfTheTwoDimensionalProxyAgree) {
  // E[x], E[y]: proxy applications reference, section 2.1.
  const auto theory = build<Theory>("{type: proxy2d}");
  const Density density(*theory);
  const double expected[2] = {0.27731749969584, 0.21093579712083};
  for (const std::size_t axis : {0u, 1u}) {
    const auto edges = equal_edges(theory->channels()[0].axes[axis], 500);
    const auto shares = marginal_shares(density, 0, truth2d, axis, edges);
    double mean = 0;
    for (std::size_t b = 0; b < shares.size(); ++b)
      mean += shares[b] * (edges[b] + edges[b + 1]) / 2;
    EXPECT_NEAR(mean, expected[axis], 1e-5);  // width^2 / 12 and slope at the edges
  }
}

}  // namespace
}  // namespace femto
