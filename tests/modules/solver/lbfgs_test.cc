// The quasi-Newton solver ends where Fisher scoring does.
#include <cmath>

#include "tests/support/fits.h"
#include "tests/support/proxies.h"
#include <gtest/gtest.h>

namespace femto {
namespace {

using testing::build;
using testing::Problem;

TEST(Lbfgs, AgreesWithFisherScoring) {
  const Problem p(
      build<Theory>("proxy1d"),
      [](const Theory& t) { return testing::shipped(t, "proxy1d_events_100k.npy"); },
      "{type: likelihood, form: binned}");
  const Fit one = p.solve("fisher_scoring"), two = p.solve("lbfgs");
  EXPECT_EQ(two.outcome, Outcome::converged) << two.message;
  EXPECT_NEAR(one.value, two.value, 1e-6);
  // Values within 1e-6 are within 2e-3 floors; proxy applications 6.
  EXPECT_NEAR(one.theta[1], two.theta[1], 2e-3 * 0.01736);
  EXPECT_NEAR(one.theta[2], two.theta[2], 2e-3 * 0.04753);
  EXPECT_NEAR(one.theta[4], two.theta[4], 2e-3 * 0.05470);
  EXPECT_NEAR(one.theta[5], two.theta[5], 2e-3 * 0.40336);
}

TEST(Lbfgs, ObjectsToNothingThatIsAFunction) {
  EXPECT_EQ(build<Solver>("lbfgs")->objection(*build<Objective>("moments"), nullptr), "");
}

}  // namespace
}  // namespace femto
