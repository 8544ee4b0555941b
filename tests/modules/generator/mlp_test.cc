// The network that turns noise into parameters, as described to a solver.
#include <gtest/gtest.h>

#include "femto/modules/builtins.h"
#include "femto/pipeline/generator.h"

namespace femto {
namespace {

TEST(Mlp, IsThePublishedNetworkUnlessToldOtherwise) {
  const auto mlp = builtin_registry().build<Generator>("mlp");
  const auto network = mlp->network(6);
  EXPECT_EQ(network.inputs, mlp->noise().size);
  EXPECT_EQ(network.outputs, 6);
  // 6 -> 128 x 4 -> 6 with biases has 51,206 weights (proxy applications, section 3.2).
  int weights = 0, before = network.inputs;
  for (const int width : network.hidden) {
    weights += (before + 1) * width;
    before = width;
  }
  weights += (before + 1) * network.outputs;
  EXPECT_EQ(weights, 51206);
}

TEST(Mlp, TakesItsSettings) {
  const auto mlp = builtin_registry().build<Generator>(
      "mlp", "{noise: 50, hidden: [10, 20], activation: tanh, biases: false}");
  EXPECT_EQ(mlp->noise().size, 50);
  EXPECT_EQ(mlp->network(5).hidden, (std::vector<int>{10, 20}));
  EXPECT_EQ(mlp->network(5).activation, Activation::tanh);
  EXPECT_FALSE(mlp->network(5).biases);
}

}  // namespace
}  // namespace femto
