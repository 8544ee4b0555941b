// Components of a fit whose parameters a constraint bounds: closed forms in one
// dimension.
#include <cmath>

#include "tests/support/proxies.h"
#include "tests/support/tasks.h"
#include <gtest/gtest.h>

#include "femto/pipeline/analysis.h"
#include "femto/pipeline/spectrum.h"

namespace femto {
namespace {

using testing::build;
using testing::truth1d;
using testing::Workshop;

/// Only b_u is free, and known before to this precision.
Findings components(double known_sd, double& data_information) {
  Workshop w(build<Theory>("{type: proxy1d}"));
  w.take(w.drawn(truth1d, 1000, 1));
  w.setup.fixed = {true, true, false, true, true, true};
  data_information = 1000 * w.density->information(truth1d)(2, 2);
  Matrix variance(1, 1);
  variance(0, 0) = known_sd * known_sd;
  if (known_sd > 0)
    w.side.constraints.push_back({ConstraintForm::gaussian, {2}, {3.0}, variance, 1});
  const Task task = w.task();
  Fit fit;
  fit.theta = truth1d;
  const std::vector<Fit> members{fit};
  const auto covariance =
      spectrum(expected_information(*w.density, w.side, 1000, truth1d), w.setup.fixed)
          .inverse;
  const Fitted fitted{task, fit, members, truth1d, covariance, truth1d};
  SilentMonitor monitor;
  return build<Analysis>("components")->examine(fitted, monitor);
}

TEST(Components, CompareTheInformationOfDataWithThatOfBefore) {
  for (const double sd : {0.01, 0.3, 3.0}) {
    double data = 0;
    const auto found = components(sd, data);
    ASSERT_EQ(found.key, "components");
    const double expected = data * sd * sd;
    const auto& one = found.result["components"][0];
    EXPECT_NEAR(one["information"].get<double>() / expected, 1, 1e-6);
    EXPECT_NEAR(std::abs(one["leading"]["b_u"].get<double>()), 1, 1e-9);
    EXPECT_EQ(found.result["by_data"], expected > 1 ? 1 : 0);
    EXPECT_EQ(found.result["by_prior"], expected > 1 ? 0 : 1);
  }
}

TEST(Components, SayNothingWhereNothingWasKnownBefore) {
  double data = 0;
  EXPECT_TRUE(components(0, data).key.empty());
}

}  // namespace
}  // namespace femto
