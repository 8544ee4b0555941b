// The running electromagnetic coupling against its measured value at the Z mass.
#include "femto/qcd/alpha_em.h"

#include <gtest/gtest.h>

#include "femto/core/error.h"

namespace femto::qcd {
namespace {

TEST(AlphaEm, ReachesItsValueAtTheZMass) {
  // 1/alpha(M_Z^2) = 128.95 +- 0.02 without the top quark (Particle Data Group); the fit
  // of 1989 quoted +-0.12, and spacelike and timelike values differ by less
  EXPECT_NEAR(1 / running_alpha_em(91.1876 * 91.1876), 128.95, 0.15);
}

TEST(AlphaEm, GrowsFromTheValueAtZeroWithASmallStepBetweenTheFits) {
  double last = 1 / 137.035999;
  for (double q2 = 1; q2 < 1e6; q2 *= 1.7) {
    const double now = running_alpha_em(q2);
    EXPECT_GT(now, last);
    last = now;
  }
  EXPECT_NEAR(running_alpha_em(8.999999) / running_alpha_em(9), 1, 5e-4);
}

TEST(AlphaEm, IsRefusedOutsideTheRangeOfTheFits) {
  EXPECT_THROW(running_alpha_em(0.5), Error);
  EXPECT_THROW(running_alpha_em(1e7), Error);
}

}  // namespace
}  // namespace femto::qcd
