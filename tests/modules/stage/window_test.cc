// Cuts keep what is inside, and say when nothing can be.
#include "tests/support/steps.h"
#include <gtest/gtest.h>

namespace femto {
namespace {

using testing::Records;
using testing::step;

TEST(WindowStage, KeepsWhatIsInside) {
  const auto window = step("{type: window, column: x1, min: 0.2, max: 0.5}");
  EXPECT_EQ(window->channels()[0].axes[0].lo, 0.2);
  EXPECT_EQ(window->channels()[0].axes[0].hi, 0.5);
  Records r({0.1, 0.2, 0.3, 0.5, 0.51});
  r.pass(*window);
  EXPECT_EQ(r.survival, (std::vector<double>{0, 1, 1, 1, 0}));
}

TEST(WindowStage, ContradictoryCutsAreNamed) {
  try {
    step("{type: window, column: x2, min: 2}");
    FAIL() << "not refused";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("nothing survives: x2"), std::string::npos)
        << error.what();
  }
  EXPECT_THROW(step("{type: window, column: x2, min: 0.5, max: 0.4}"), Error);
}

}  // namespace
}  // namespace femto
