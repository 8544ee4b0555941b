// The learned density against the exact one.
#include "tests/neural/learning.h"
#include <gtest/gtest.h>

using namespace femto;
using namespace femto::neural;
using namespace femto::testing;

TEST(LearnedDensity, IsTheExactLikelihood) {
  const LearningWorld world(10'000);
  // The value rises by four; networks that miss 2 % of the information change that by
  // 0.4.
  EXPECT_LT(world.worst(*world.learned(density_loss)), 0.3);
}

TEST(LearnedDensity, IsLearnedOnceForTheSameEvents) {
  const LearningWorld world(1000);
  auto settings = small_learner();
  settings.members = 2;
  settings.steps = 5;
  settings.records = 1 << 14;
  const Learner learner(settings, density_loss, 4);
  const Weighting replica{7, 1};
  const Material whole{world.measured, world.data, {}, &world.simulation},
      bootstrap{world.measured, world.data, replica, &world.simulation};
  EXPECT_EQ(learner.learned_from(whole), learner.learned_from(bootstrap));
  const auto a = learner.bind(whole), b = learner.bind(bootstrap);
  EXPECT_EQ(a->events(), 1000);
  EXPECT_NE(b->events(), a->events());
  EXPECT_NE(b->evaluate(truth1d).value, a->evaluate(truth1d).value);
}
