// The penalty of a linear discriminator is known; that of others is compared with
// differences of its value, computed from slopes that are differences too.
#include "femto/neural/gradient_penalty.h"

#include <cmath>

#include <gtest/gtest.h>

#include "femto/neural/floats.h"
#include "femto/neural/loss_gradients.h"

namespace femto::neural {
namespace {

NetworkSpec two_inputs(std::vector<int> hidden, Activation activation) {
  NetworkSpec spec;
  spec.inputs = 2;
  spec.outputs = 1;
  spec.hidden = std::move(hidden);
  spec.activation = activation;
  return spec;
}

std::vector<float> events(std::size_t rows, double shift) {
  std::vector<float> out;
  for (std::size_t i = 0; i < 2 * rows; ++i)
    out.push_back(static_cast<float>(std::sin(1.3 * static_cast<double>(i) + shift)));
  return out;
}

/// The penalty in double precision, slopes by central differences of the network.
double penalty_by_differences(const Network& network, const Between& between) {
  const auto at = [&](double x, double y) {
    return network.forward_plain(at::tensor({x, y}, at::kDouble).view({1, 2}))
        .item<double>();
  };
  double sum = 0;
  for (std::size_t i = 0; 2 * i < between.real.size(); ++i) {
    const double part = static_cast<float>(random::uniform(between.stream, i));
    const auto point = [&](std::size_t k) {
      return part * between.real[2 * i + k] + (1 - part) * between.fake[2 * i + k];
    };
    const double x = point(0), y = point(1), h = 1e-5;
    const double dx = (at(x + h, y) - at(x - h, y)) / (2 * h);
    const double dy = (at(x, y + h) - at(x, y - h)) / (2 * h);
    sum += 10 * std::pow(std::hypot(dx, dy) - 1, 2);
  }
  return sum;
}

TEST(GradientPenalty, OfALinearDiscriminatorIsKnown) {
  const Network network(two_inputs({}, Activation::tanh), random::Stream{1, 2});
  const auto real = events(50, 0), fake = events(50, 1);
  const auto found = gradient_penalty(network, {real, fake, random::Stream{3, 4}});
  const auto w = values_of(network.parameters()[0]);
  const double length = std::hypot(w[0], w[1]);
  EXPECT_NEAR(found.value, 50 * 10 * std::pow(length - 1, 2), 1e-3);
  for (int k = 0; k < 2; ++k)
    EXPECT_NEAR(values_of(found.gradients[0])[static_cast<std::size_t>(k)],
                50 * 20 * (length - 1) * w[static_cast<std::size_t>(k)] / length,
                1e-3);
  EXPECT_EQ(values_of(found.gradients[1])[0], 0);
}

TEST(GradientPenalty, GradientsMatchDifferences) {
  const auto spec = two_inputs({8, 6}, Activation::tanh);
  const random::Stream weights{5, 6};
  const Network network(spec, weights, 0.1);
  const Network exact(spec, weights, 0.1, Precision::full);
  const auto real = events(30, 0.4), fake = events(30, 2);
  const Between between{real, fake, random::Stream{3, 4}};
  const auto found = gradient_penalty(network, between);
  EXPECT_NEAR(found.value, penalty_by_differences(exact, between), 1e-3);
  for (std::size_t p = 0; p < exact.parameters().size(); ++p) {
    auto* w = exact.parameters()[p].data_ptr<double>();
    const auto slope = values_of(found.gradients[p].contiguous());
    for (std::size_t j = 0; j < slope.size(); j += 5) {
      const double here = w[j], h = 1e-4;
      w[j] = here + h;
      const double up = penalty_by_differences(exact, between);
      w[j] = here - h;
      const double down = penalty_by_differences(exact, between);
      w[j] = here;
      const double expected = (up - down) / (2 * h);
      EXPECT_NEAR(slope[j], expected, 2e-3 * (1 + std::abs(expected))) << p << " " << j;
    }
  }
}

TEST(GradientPenalty, AddsToTheLossOfBothTerms) {
  const Network network(
      two_inputs({8}, Activation::leaky_relu), random::Stream{1, 2}, 0.1);
  LossGradients judge(network, GameLoss::wasserstein);
  const auto real = events(1500, 0), fake = events(1500, 1);
  const float one = 1, zero = 0;
  const LossTerm terms[] = {{real, {&one, 1}}, {fake, {&zero, 1}}};
  const Between between{real, fake, random::Stream{3, 4}};
  const double plain = judge.of_weights(terms);
  const auto outputs = [&](const std::vector<float>& x) {
    return network.forward_plain(to_tensor(std::span(x), 1500, 2)).sum().item<double>();
  };
  EXPECT_NEAR(plain, outputs(fake) - outputs(real), 1e-3);
  std::vector<double> before;
  for (const auto& g : judge.gradients())
    for (const float v : values_of(g.contiguous())) before.push_back(v);
  const double both = judge.of_weights(terms, &between);
  const auto penalty = gradient_penalty(network, between);
  EXPECT_NEAR(both, plain + penalty.value, 1e-6 * both);
  std::size_t i = 0;
  for (std::size_t p = 0; p < penalty.gradients.size(); ++p) {
    const auto more = values_of(penalty.gradients[p].contiguous());
    const auto sum = values_of(judge.gradients()[p].contiguous());
    for (std::size_t j = 0; j < more.size(); ++j, ++i)
      EXPECT_NEAR(sum[j], before[i] + more[j], 1e-3 * (1 + std::abs(sum[j])));
  }
}

}  // namespace
}  // namespace femto::neural
