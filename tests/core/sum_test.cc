// Sums that keep their digits.
#include "femto/core/sum.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace femto {
namespace {

TEST(PairwiseSum, KeepsItsDigitsOverManyTerms) {
  const std::vector<double> tenths(10000000, 0.1);
  // log2(n) roundings instead of n
  EXPECT_NEAR(pairwise_sum(tenths), 1e6, 1e6 * 1e-16 * 40);
  EXPECT_EQ(pairwise_sum({}), 0);
}

TEST(CompensatedSum, RecoversWhatCancelled) {
  CompensatedSum sum;
  for (const double x : {1.0, 1e100, 1.0, -1e100}) sum.add(x);  // Neumaier's example
  EXPECT_EQ(sum.value(), 2);
}

RC_GTEST_PROP(CompensatedSum, IsExactForIntegersInAnyOrder, (std::vector<int> terms)) {
  long long expected = 0;
  CompensatedSum sum;
  for (const int t : terms) expected += t, sum.add(t);
  RC_ASSERT(sum.value() == static_cast<double>(expected));
}

}  // namespace
}  // namespace femto
