// The rough fit against the information and the truth of small problems.
#include "femto/neural/rough_fit.h"

#include "tests/neural/learning.h"
#include <gtest/gtest.h>

#include "femto/stats/linear.h"

using namespace femto;
using namespace femto::neural;
using namespace femto::testing;

namespace {

constexpr std::size_t events = 20'000, simulated_records = 100'000;

RoughFit fitted(const LearningWorld& world, int starts = 1) {
  return rough_fit(Laboratory(world.simulation, "test"),
                   world.truth,
                   world.data,
                   {starts, 20'000, simulated_records});
}

/// (theta - truth)^T information (theta - truth) of the free parameters.
double pull2(const RoughFit& fit, const std::vector<double>& truth) {
  std::vector<double> off = fit.theta;
  for (std::size_t k = 0; k < off.size(); ++k) off[k] -= truth[k];
  return stats::bilinear(off, fit.information, off);
}

}  // namespace

TEST(RoughFit, FindsTheTruthWithTheInformationOfTheMoments) {
  const LearningWorld world(events);
  const auto fit = fitted(world);
  EXPECT_LT(pull2(fit, truth1d), 13.8);  // chi2 of 2: one in a thousand
  EXPECT_LE(fit.simulations, 8);
  // Moments of degree 6 hold all but a per cent of what the exact density holds; the
  // noise of simulation, whose records the windows thin out, takes its share.
  const auto exact = world.measured.information(fit.theta);
  for (const std::size_t k : {1, 2}) {
    const double share =
        fit.information(k, k) / (static_cast<double>(events) * exact(k, k));
    EXPECT_LT(share, 1 / (1 + 0.2) * 1.05);
    EXPECT_GT(share, 1 / (1 + 0.3) * 0.9);
  }
}

TEST(RoughFit, ArrivesFromFarAway) {
  LearningWorld world(events);
  const auto near = fitted(world);
  world.setup.parameters[1].start = 0.8;
  world.setup.parameters[2].start = 1;
  const auto far = fitted(world);
  EXPECT_LT(pull2(far, near.theta), 0.05);
}

TEST(RoughFit, KnowsNuisanceParametersByMeasuringTwice) {
  const LearningWorld world(
      events,
      "{type: chain, stages: [{type: resolution, columns: [x1], relative: [0.1], "
      "scale: {value: 1, sd: 0.05}}]}");
  const auto fit = fitted(world);
  auto truth = truth1d;
  truth.push_back(1);
  EXPECT_LT(pull2(fit, truth), 16.3);  // chi2 of 3
  // A scale is known by the edge of x1 = 0.1 too, which moments hardly see.
  const double share = fit.information(6, 6) /
                       (events / 1.2 * world.measured.information(fit.theta)(6, 6));
  EXPECT_LT(share, 1.05);
  EXPECT_GT(share, 0.5);
}
