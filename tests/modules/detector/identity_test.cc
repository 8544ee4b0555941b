// The identity detector changes nothing.
#include "tests/support/build.h"
#include "tests/support/proxies.h"
#include <gtest/gtest.h>

namespace femto {
namespace {

TEST(IdentityDetector, LeavesRecordsAndDerivativesAlone) {
  const auto theory = testing::build<Theory>("proxy1d");
  const auto experiment = testing::bare(*theory);
  const auto& instrument = experiment.instrument();
  EXPECT_TRUE(instrument.is_identity());
  EXPECT_FALSE(instrument.loses());
  EXPECT_EQ(&experiment.measured(), theory.get());
  std::vector<double> x{0.1, 0.2}, g{3, 4}, survival{0, 0};
  double* record[] = {x.data(), x.data()};
  double* upstream[] = {g.data(), g.data()};
  const double* truth[] = {x.data(), x.data()};
  instrument.apply({random::Stream{1, 2}, 0}, {}, 2, record, survival.data());
  instrument.backward({random::Stream{1, 2}, 0}, {}, 2, truth, upstream);
  EXPECT_EQ(x, (std::vector<double>{0.1, 0.2}));
  EXPECT_EQ(g, (std::vector<double>{3, 4}));
  EXPECT_EQ(survival, (std::vector<double>{1, 1}));
}

}  // namespace
}  // namespace femto
