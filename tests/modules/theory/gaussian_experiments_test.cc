// The Gaussian experiments: published table, subsets, closed forms.
#include <cmath>

#include "tests/support/build.h"
#include "tests/support/proxies.h"
#include <gtest/gtest.h>

namespace femto {
namespace {

using testing::build;
using testing::evaluate_at;

const std::vector<double> truth{2, 1};

TEST(GaussianExperiments, HaveThePublishedMeansAndVariances) {
  const auto theory = build<Theory>("gaussian_experiments");
  const double mean[] = {3, -2, -17.25, 9.14, 3.822, -0.30};
  const double variance[] = {2, 2.25, 1.25, 1.5, 1.75, 2.5};
  const Density density(*theory);
  for (std::size_t c = 0; c < 6; ++c) {
    const auto x =
        testing::expectation(density, c, truth, [](const auto& v) { return v[0]; });
    const auto x2 = testing::expectation(
        density, c, truth, [](const auto& v) { return v[0] * v[0]; });
    EXPECT_NEAR(x.first, mean[c], 1e-11);
    EXPECT_NEAR(x2.first - x.first * x.first, variance[c], 1e-10);
  }
}

TEST(GaussianExperiments, SupportHoldsEveryMeanOfTheBox) {
  const auto theory = build<Theory>("gaussian_experiments");
  const Density density(*theory);
  for (const double t1 : {0.0, 4.0})
    for (const double t2 : {-1.0, 3.0}) {
      const std::vector<double> corner{t1, t2};
      for (const double log_norm : density.norms(corner).log_norm)
        EXPECT_NEAR(log_norm, 0, 1e-12);
    }
}

TEST(GaussianExperiments, OneAloneHasRankOneAndTwoHaveRankTwo) {
  const auto determinant = [](const char* subset) {
    const auto theory = build<Theory>(subset);
    const auto h = Density(*theory).information(truth);
    return h(0, 0) * h(1, 1) - h(0, 1) * h(1, 0);
  };
  EXPECT_NEAR(determinant("{type: gaussian_experiments, experiments: [3]}"), 0, 1e-10);
  // c1 x c2 = 4; determinant = 16 / (2 * 2.25)
  EXPECT_NEAR(
      determinant("{type: gaussian_experiments, experiments: [1, 2]}"), 16 / 4.5, 1e-10);
}

TEST(GaussianExperiments, SubsetsKeepTheNamesOfTheirColumns) {
  const auto theory = build<Theory>("{type: gaussian_experiments, experiments: [5, 2]}");
  EXPECT_EQ(columns_of(*theory), (std::vector<std::string>{"x5", "x2"}));
}

TEST(GaussianExperiments, SlopesAreTheClosedForm) {
  const auto theory = build<Theory>("gaussian_experiments");
  const auto at = evaluate_at(*theory, 3, truth, {10.14});  // one above the mean
  EXPECT_NEAR(at.slope[0], 4.20 / 1.5, 1e-13);
  EXPECT_NEAR(at.slope[1], 0.74 / 1.5, 1e-13);
}

TEST(GaussianExperiments, RefuseUnknownAndRepeatedNumbers) {
  EXPECT_THROW(build<Theory>("{type: gaussian_experiments, experiments: [7]}"),
               config::ConfigError);
  EXPECT_THROW(build<Theory>("{type: gaussian_experiments, experiments: [2, 2]}"),
               config::ConfigError);
}

}  // namespace
}  // namespace femto
