// The slice through a centre against densities that are known to be the same.
#include "femto/neural/slice.h"

#include "tests/support/build.h"
#include "tests/support/proxies.h"
#include <gtest/gtest.h>

using namespace femto;
using namespace femto::neural;
using namespace femto::testing;

namespace {

struct SliceWorld {
  std::unique_ptr<Theory> theory = build<Theory>("proxy1d");
  std::shared_ptr<const Density> density = std::make_shared<const Density>(*theory, 400);
  ParameterSetup setup{theory->parameters(), std::vector<bool>(6, false)};

  Slice slice() const { return {density, setup, truth1d, density->information(truth1d)}; }
};

}  // namespace

TEST(Slice, TakesAllScalesOfTheAmplitudesToOnePoint) {
  const SliceWorld world;
  const Slice slice = world.slice();
  // The plane is orthogonal to the amplitudes of the centre, so the scale of each point
  // follows from the ratio alone; boxes of N_u and N_d are equally wide.
  const double u = truth1d[0], d = truth1d[3], ratio = 0.8;
  const double scale = (u * u + d * d) / (u + ratio * d);
  for (const double factor : {0.3, 1.0, 1.2}) {
    const auto at =
        slice.point(std::vector{factor, -0.45, 3.1, ratio * factor, -0.52, 3.8});
    ASSERT_TRUE(at);
    const std::vector expected{scale, -0.45, 3.1, ratio * scale, -0.52, 3.8};
    for (std::size_t k = 0; k < 6; ++k) EXPECT_NEAR(at->theta[k], expected[k], 1e-5);
  }
}

TEST(Slice, SlopeMatchesDifferences) {
  const SliceWorld world;
  const Slice slice = world.slice();
  const std::vector theta{1.9, -0.48, 3.05, 1.3, -0.5, 3.9};
  const auto at = slice.point(theta);
  ASSERT_TRUE(at);
  for (std::size_t k = 0; k < 6; ++k) {
    auto up = theta, down = theta;
    up[k] += 1e-3;
    down[k] -= 1e-3;
    const auto above = slice.point(up), below = slice.point(down);
    ASSERT_TRUE(above && below);
    for (std::size_t j = 0; j < 6; ++j)
      EXPECT_NEAR(at->slope(j, k), (above->theta[j] - below->theta[j]) / 2e-3, 1e-3);
  }
}

TEST(Slice, LeavesParametersAloneThatDataDetermine) {
  SliceWorld world;
  world.setup.fixed[0] = true;
  const std::vector theta{2.1875, -0.48, 3.05, 1.3, -0.5, 3.9, 0.7};
  Matrix information(7, 7);
  const auto of_truth = world.density->information(truth1d);
  for (std::size_t j = 0; j < 6; ++j)
    for (std::size_t k = 0; k < 6; ++k) information(j, k) = of_truth(j, k);
  world.setup.parameters.push_back({"nuisance"});
  world.setup.fixed.push_back(false);
  const Slice slice(world.density, world.setup, truth1d, information);
  EXPECT_EQ(slice.point(theta)->theta, theta);
}
