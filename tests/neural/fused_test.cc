// Fused networks against the plain ones of libtorch: values, gradients, masks, fallback.
#include "femto/neural/fused.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "femto/core/threads.h"
#include "femto/neural/floats.h"
#include "femto/neural/loss_gradients.h"

using namespace femto;
using namespace femto::neural;

namespace {

random::Stream stream(std::uint64_t seed = 1) {
  return random::Stream::named(seed, "fused test");
}

Tensor normal(std::int64_t rows, std::int64_t columns, at::ScalarType type) {
  auto x = at::empty({rows, columns}, at::kDouble);
  for (std::int64_t i = 0; i < x.numel(); ++i)
    x.data_ptr<double>()[i] =
        random::normal_pair(stream(9), static_cast<std::uint64_t>(i))[0];
  return x.to(type);
}

/// Largest difference over largest value.
double distance(const Tensor& a, const Tensor& b) {
  return ((a - b).abs().max() / b.abs().max()).to(at::kDouble).item<double>();
}

using Forward = Tensor (Network::*)(const Tensor&, const DropoutKey*) const;

/// Outputs, then gradients of sum(sin(outputs)) for the inputs and every parameter.
std::vector<Tensor> evaluate(const Network& n,
                             const Tensor& x,
                             const DropoutKey* key,
                             Forward forward) {
  const auto leaf = x.detach().clone().set_requires_grad(true);
  std::vector<Tensor> leaves{leaf}, out;
  leaves.insert(leaves.end(), n.parameters().begin(), n.parameters().end());
  out.push_back((n.*forward)(leaf, key));
  const auto slopes = torch::autograd::grad({at::sin(out.front()).sum()}, leaves);
  out.insert(out.end(), slopes.begin(), slopes.end());
  return out;
}

const Activation every_activation[] = {Activation::leaky_relu,
                                       Activation::relu,
                                       Activation::tanh,
                                       Activation::silu,
                                       Activation::gelu};

}  // namespace

class FusedNetworks : public ::testing::TestWithParam<Activation> {};

TEST_P(FusedNetworks, AgreeWithThePlainOnesInDouble) {
  for (const double dropout : {0.0, 0.2}) {
    const NetworkSpec spec{3, {33, 64, 20}, 2, GetParam(), 0.2, true, dropout};
    const Network n(spec, stream(), 0.3, Precision::full);
    const DropoutKey key{stream(4), 11};
    const auto x = normal(301, 3, at::kDouble);
    const auto fused = evaluate(n, x, &key, &Network::forward);
    const auto plain = evaluate(n, x, &key, &Network::forward_plain);
    for (std::size_t i = 0; i < plain.size(); ++i)
      EXPECT_LT(distance(fused[i], plain[i]), 1e-12) << "tensor " << i;
  }
}

TEST_P(FusedNetworks, RoundNoMoreThanThePlainOnesInSinglePrecision) {
  const NetworkSpec spec{2, {128, 128, 128, 128}, 1, GetParam(), 0.2, true, 0};
  const Network n(spec, stream(), 0.3), exact(spec, stream(), 0.3, Precision::full);
  for (std::size_t i = 0; i < n.parameters().size(); ++i) {
    const c10::AutoGradMode no_graph(false);
    exact.parameters()[i].copy_(n.parameters()[i]);
  }
  const auto x = normal(1000, 2, at::kFloat);
  const auto truth = evaluate(exact, x.to(at::kDouble), nullptr, &Network::forward_plain);
  const auto fused = evaluate(n, x, nullptr, &Network::forward);
  const auto plain = evaluate(n, x, nullptr, &Network::forward_plain);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    // Twice, because the largest of a thousand roundings is compared. At the kinks of
    // rectifiers rounding turns single signs, in either.
    const double allowed =
        std::max(i == 0 ? 1e-6 : 1e-5, 2 * distance(plain[i], truth[i]));
    EXPECT_LT(distance(fused[i], truth[i]), allowed) << "tensor " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(All, FusedNetworks, ::testing::ValuesIn(every_activation));

TEST(FusedNetwork, OnlyWhatIsAskedForIsDifferentiated) {
  const Network n({2, {32}, 1, Activation::tanh, 0, true, 0}, stream(), 0.3);
  const auto x = normal(10, 2, at::kFloat);
  EXPECT_FALSE(n.forward(x.detach()).grad_fn() == nullptr);
  {
    const c10::AutoGradMode no_graph(false);
    EXPECT_TRUE(n.forward(x).grad_fn() == nullptr);
  }
  const auto bias = torch::autograd::grad({n.forward(x).sum()}, {n.parameters()[3]});
  EXPECT_EQ(bias.front().item<float>(), 10);
}

TEST(FusedNetwork, OtherShapesTakeThePlainWay) {
  for (const std::vector<int>& hidden : {std::vector<int>{}, {8}, {600}}) {
    const Network n({2, hidden, 1, Activation::tanh, 0, true, 0}, stream(), 0.3);
    const auto x = normal(10, 2, at::kFloat);
    EXPECT_TRUE(at::equal(n.forward(x), n.forward_plain(x)));
  }
}

class Losses : public ::testing::TestWithParam<std::tuple<GameLoss, int>> {};

TEST_P(Losses, GradientsOfTwoTermsAreTheirSum) {
  const auto [loss, width] = GetParam();  // 8: not fused
  const NetworkSpec spec{2, {width, width}, 1, Activation::silu, 0.2, true, 0.1};
  const Network n(spec, stream(), 0.3);
  const auto real = normal(1500, 2, at::kFloat), fake = at::sin(real);
  const auto noisy = targets(Label::real, 0.2, stream(5), 0, 1500);
  const DropoutKey real_key{stream(6)}, fake_key{stream(7), 3};
  const float zero[] = {0};
  LossGradients gradients(n, loss);
  const LossTerm terms[] = {{values_of(real), values_of(noisy), real_key},
                            {values_of(fake), zero, fake_key}};
  const double value = gradients.of_weights(terms);

  const auto sum =
      summed_loss(loss, n.forward_plain(real, &real_key), noisy) +
      summed_loss(loss, n.forward_plain(fake, &fake_key), at::zeros({1500, 1}));
  const auto slopes = torch::autograd::grad({sum}, n.parameters());
  EXPECT_NEAR(value, sum.item<double>(), 1e-5 * value);
  for (std::size_t i = 0; i < slopes.size(); ++i)
    EXPECT_LT(distance(gradients.gradients()[i], slopes[i]), 2e-5) << "tensor " << i;
}

TEST_P(Losses, GradientsOfInputs) {
  const auto [loss, width] = GetParam();
  const Network n({2, {width}, 1, Activation::gelu, 0.2, false, 0.1}, stream());
  const auto x = normal(1500, 2, at::kFloat).set_requires_grad(true);
  const float one[] = {1};
  const DropoutKey key{stream(6), 2};
  const auto slope = at::empty_like(x);
  LossGradients gradients(n, loss);
  const double value = gradients.of_inputs({values_of(x), one, key}, values_of(slope));
  const auto sum = summed_loss(loss, n.forward_plain(x, &key), at::ones({1500, 1}));
  EXPECT_NEAR(value, sum.item<double>(), 1e-5 * value);
  EXPECT_LT(distance(slope, torch::autograd::grad({sum}, {x}).front()), 1e-5);
}

TEST_P(Losses, SameBitsForAnyNumberOfThreads) {
  const auto [loss, width] = GetParam();
  const Network n({2, {width, width}, 1}, stream(), 0.3);
  const auto x = normal(5000, 2, at::kFloat);
  const float one[] = {1};
  const LossTerm terms[] = {{values_of(x), one}};
  LossGradients a(n, loss), b(n, loss);
  set_threads(1);
  const double first = a.of_weights(terms);
  set_threads(3);
  EXPECT_EQ(first, b.of_weights(terms));
  set_threads(0);
  for (std::size_t i = 0; i < a.gradients().size(); ++i)
    EXPECT_TRUE(at::equal(a.gradients()[i], b.gradients()[i]));
}

INSTANTIATE_TEST_SUITE_P(FusedAndPlain,
                         Losses,
                         ::testing::Combine(::testing::Values(GameLoss::bce,
                                                              GameLoss::least_squares),
                                            ::testing::Values(8, 64)));
