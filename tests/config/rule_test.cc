// Rules: what they allow and how they are worded.
#include "femto/config/rule.h"

#include <cmath>

#include <gtest/gtest.h>

namespace femto::config {
namespace {

TEST(Rule, KnowsItsEnds) {
  EXPECT_FALSE(positive.holds(0));
  EXPECT_TRUE(positive.holds(1e-300));
  EXPECT_TRUE(at_least_zero.holds(0));
  EXPECT_FALSE(at_least_zero.holds(-1e-300));
  EXPECT_TRUE(fraction.holds(0));
  EXPECT_TRUE(fraction.holds(1));
  EXPECT_FALSE(fraction.holds(1.0000001));
  EXPECT_TRUE(between(-2, 3).holds(-2));
  EXPECT_FALSE(strictly_between(-2, 3).holds(3));
  EXPECT_TRUE(at_most(3).holds(3));
  EXPECT_FALSE(below(3).holds(3));
  EXPECT_FALSE(above(3).holds(3));
}

TEST(Rule, RefusesWhatIsNotFiniteUnlessAllowed) {
  EXPECT_FALSE(anything.holds(std::nan("")));
  EXPECT_FALSE(anything.holds(HUGE_VAL));
  EXPECT_TRUE(may_be_infinite.holds(-HUGE_VAL));
  EXPECT_FALSE(may_be_infinite.holds(std::nan("")));
}

TEST(Rule, HasWords) {
  EXPECT_EQ(anything.text(), "");
  EXPECT_EQ(positive.text(), "positive");
  EXPECT_EQ(at_least_zero.text(), "at least 0");
  EXPECT_EQ(fraction.text(), "between 0 and 1");
  EXPECT_EQ(at_least(2).text(), "at least 2");
  EXPECT_EQ(at_most(0.5).text(), "at most 0.5");
  EXPECT_EQ(above(2).text(), "above 2");
  EXPECT_EQ(below(2).text(), "below 2");
  EXPECT_EQ(strictly_between(0, 1).text(), "positive and below 1");
  EXPECT_EQ(not_empty.text(), "not empty");
}

}  // namespace
}  // namespace femto::config
