// The identity detector changes nothing.
#include "tests/support/build.h"
#include <gtest/gtest.h>

#include "femto/pipeline/detector.h"

namespace femto {
namespace {

TEST(IdentityDetector, LeavesRecordsAndDerivativesAlone) {
  const auto detector = testing::build<Detector>("identity");
  EXPECT_TRUE(detector->is_identity());
  EXPECT_EQ(detector->columns({"x1", "x2"}), (std::vector<std::string>{"x1", "x2"}));
  std::vector<double> x{0.1, 0.2}, g{3, 4};
  double* record = x.data();
  double* upstream = g.data();
  const double* truth = x.data();
  detector->apply({random::Stream{1, 2}, 0}, 2, &record);
  detector->backward({random::Stream{1, 2}, 0}, 2, &truth, &upstream);
  EXPECT_EQ(x, (std::vector<double>{0.1, 0.2}));
  EXPECT_EQ(g, (std::vector<double>{3, 4}));
}

}  // namespace
}  // namespace femto
