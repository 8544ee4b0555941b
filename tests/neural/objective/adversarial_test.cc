// Losses of the game against closed forms, and the side on which label noise lies.
#include "femto/neural/adversarial.h"

#include <cmath>
#include <numbers>

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "femto/neural/loss.h"

using namespace femto;
using namespace femto::neural;

namespace {

Tensor column(std::initializer_list<double> values) {
  auto t = at::empty({static_cast<std::int64_t>(values.size()), 1}, at::kDouble);
  std::copy(values.begin(), values.end(), t.data_ptr<double>());
  return t;
}

double loss(GameLoss kind, double output, double target) {
  return summed_loss(kind, column({output}), column({target})).item<double>();
}

}  // namespace

TEST(Adversarial, CrossEntropyIsMinusLogOfTheSigmoid) {
  for (const double s : {-30.0, -2.0, 0.0, 0.7, 25.0})
    for (const double t : {0.0, 0.1, 0.9, 1.0}) {
      const double d = 1 / (1 + std::exp(-s)), not_d = 1 / (1 + std::exp(s));
      EXPECT_NEAR(
          loss(GameLoss::bce, s, t), -t * std::log(d) - (1 - t) * std::log(not_d), 1e-8);
    }
}

TEST(Adversarial, LeastSquaresIsTheSquaredDistance) {
  const auto sum =
      summed_loss(GameLoss::least_squares, column({0.5, 2, -1}), column({1, 1, 0}));
  EXPECT_NEAR(sum.item<double>(), 0.25 + 1 + 1, 1e-15);
}

TEST(Adversarial, WassersteinIsTheDifferenceOfOutputs) {
  const auto sum =
      summed_loss(GameLoss::wasserstein, column({0.5, 2, -1}), column({1, 1, 0}));
  EXPECT_NEAR(sum.item<double>(), -0.5 - 2 - 1, 1e-15);
}

TEST(Adversarial, EquilibriumIsTheLossOfADiscriminatorThatCannotTell) {
  EXPECT_NEAR(loss(GameLoss::bce, 0, 1), equilibrium(GameLoss::bce), 1e-15);
  EXPECT_NEAR(loss(GameLoss::bce, 0, 0), std::numbers::ln2, 1e-15);
  EXPECT_NEAR(
      loss(GameLoss::least_squares, 0.5, 1), equilibrium(GameLoss::least_squares), 1e-15);
  EXPECT_NEAR(loss(GameLoss::least_squares, 0.5, 0), 0.25, 1e-15);
}

TEST(Adversarial, LabelNoiseNeverPushesTargetsOutside) {
  const auto stream = random::Stream::named(1, "labels");
  const auto real = targets(Label::real, 0.1, stream, 0, 10'000);
  const auto fake = targets(Label::fake, 0.1, stream, 0, 10'000);
  EXPECT_LE(real.max().item<float>(), 1);
  EXPECT_GE(real.min().item<float>(), 0.9f);
  EXPECT_GE(fake.min().item<float>(), 0);
  EXPECT_LE(fake.max().item<float>(), 0.1f);
  // mean of eta r: eta / 2; five standard errors of a uniform
  EXPECT_NEAR(real.mean().item<double>(), 0.95, 5 * 0.1 / std::sqrt(12.0 * 10'000));
}

TEST(Adversarial, TargetsDoNotDependOnTheCut) {
  const auto stream = random::Stream::named(1, "labels");
  const auto whole = targets(Label::real, 0.3, stream, 0, 100);
  EXPECT_TRUE(
      at::equal(whole.narrow(0, 40, 60), targets(Label::real, 0.3, stream, 40, 60)));
}

TEST(Adversarial, LossOfSmoothedLabelsIsBoundedBelow) {
  const auto s = at::linspace(-200, 200, 4001, at::kDouble).unsqueeze(1);
  const auto t = at::full_like(s, 0.95);
  for (const auto kind : {GameLoss::bce, GameLoss::least_squares})
    for (std::int64_t i = 0; i < s.size(0); i += 100)
      EXPECT_GE(summed_loss(kind, s.narrow(0, i, 1), t.narrow(0, i, 1)).item<double>(),
                0);
}

TEST(Adversarial, IsNotAFunctionOfTheParameters) {
  const Adversarial objective{{}};
  EXPECT_FALSE(objective.is_function());
  EXPECT_FALSE(objective.is_likelihood());
}
