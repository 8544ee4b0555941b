// Every instruction set of this machine computes the same perceptron.
#include <vector>

#include "tests/mlp/plain.h"
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "femto/mlp/mlp.h"

using namespace femto;
using namespace femto::mlp;

namespace {

/// Largest difference over largest value.
double distance(const oracle::Numbers& a, const oracle::Numbers& b) {
  double difference = 0, scale = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    difference = std::max(difference, std::abs(a[i] - b[i]));
    scale = std::max(scale, std::abs(b[i]));
  }
  return difference / scale;
}

void compare(const Shape& shape, std::size_t rows) {
  const auto parameters = oracle::some_parameters(shape);
  const auto x = oracle::normal_numbers(rows * 3, 1, 1);
  const oracle::Numbers target{0.7};
  Mlp<double> network(shape);
  network.set_parameters(
      std::vector<std::span<const double>>(parameters.begin(), parameters.end()));
  oracle::Numbers y(rows * 2), dw(network.size()), dx(x.size());
  Pass<double> pass{.rows = rows,
                    .x = x,
                    .loss = Loss::bce,
                    .upstream = target,
                    .dropout = DropoutKey{random::Stream::named(5, "masks"), 77},
                    .outputs = y,
                    .weight_gradient = dw,
                    .input_gradient = dx};
  network.run(pass);
  const auto exact = oracle::plain(shape, parameters, pass);
  EXPECT_LT(distance(y, exact.outputs), 1e-13);
  EXPECT_LT(distance(dw, exact.weight_gradient), 1e-13);
  EXPECT_LT(distance(dx, exact.input_gradient), 1e-13);
}

}  // namespace

TEST(InstructionSets, AgreeWithThePlainNetwork) {
  const auto all = hwy::SupportedTargets();
  for (auto rest = all; rest != 0; rest &= rest - 1) {
    const auto target = rest & -rest;
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    for (const auto activation :
         {Activation::leaky_relu, Activation::tanh, Activation::gelu})
      for (const double dropout : {0.0, 0.3})
        compare({3, {17, 50}, 2, activation, 0.2, true, dropout}, 131);
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(all);
}
