// Survival probabilities by their formula.
#include <cmath>

#include "tests/support/steps.h"
#include <gtest/gtest.h>

namespace femto {
namespace {

using testing::Records;
using testing::step;

TEST(EfficiencyStage, GateAndPlateau) {
  const auto gate = step(
      "{type: efficiency, column: x2, plateau: 0.8, gate: {at: {value: 0.25, sd: 0.01}, "
      "width: {value: 0.03}}}");
  ASSERT_EQ(gate->nuisances().size(), 1u);
  EXPECT_EQ(gate->nuisances()[0].parameter.name, "gate_at_x2");
  Records r({0.2, 0.25, 0.3, 0.9});
  r.pass(*gate, {0.26});
  for (std::size_t i = 0; i < r.x2.size(); ++i)
    EXPECT_NEAR(r.survival[i], 0.8 / (1 + std::exp((0.26 - r.x2[i]) / 0.03)), 1e-15);
}

TEST(EfficiencyStage, TableIsLinearBetweenAndConstantBeyond) {
  const auto table =
      step("{type: efficiency, column: x1, x: [0.2, 0.4, 0.6], efficiency: [1, 0.5, 0]}");
  Records r({0.1, 0.25, 0.5, 0.7});
  r.pass(*table);
  const double expected[] = {1, 0.875, 0.25, 0};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(r.survival[i], expected[i], 1e-15);
}

TEST(EfficiencyStage, RefusesTablesThatLetNothingThrough) {
  EXPECT_THROW(step("{type: efficiency, column: x1, x: [0, 1], efficiency: [0, 0]}"),
               Error);
  EXPECT_THROW(step("{type: efficiency, column: x1, x: [1, 0], efficiency: [0, 1]}"),
               Error);
  EXPECT_THROW(step("{type: efficiency, column: x1, x: [0, 1], efficiency: [1]}"), Error);
}

}  // namespace
}  // namespace femto
