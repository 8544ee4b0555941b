// Networks: derivatives, initial weights, dropout, optimiser and exact storage.
#include "femto/neural/network.h"

#include <cmath>

#include <ATen/Functions.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "femto/core/error.h"
#include "femto/neural/adam.h"
#include "femto/neural/floats.h"

using namespace femto;
using namespace femto::neural;

namespace {

random::Stream stream(std::uint64_t seed = 1) {
  return random::Stream::named(seed, "network test");
}

Tensor inputs(std::int64_t rows, std::int64_t columns) {
  auto x = at::empty({rows, columns}, at::kDouble);
  for (std::int64_t i = 0; i < rows * columns; ++i)
    x.data_ptr<double>()[i] =
        random::normal_pair(stream(9), static_cast<std::uint64_t>(i))[0];
  return x;
}

/// A smooth function of the outputs.
double value(const Network& n, const Tensor& x) {
  return at::sin(n.forward(x)).sum().item<double>();
}

}  // namespace

class Activations : public ::testing::TestWithParam<Activation> {};

TEST_P(Activations, GradientsMatchFiniteDifferences) {
  const NetworkSpec spec{3, {5, 4}, 2, GetParam(), 0.2, true, 0};
  const Network n(spec, stream(), 0.3, Precision::full);
  const auto x = inputs(7, 3).set_requires_grad(true);
  std::vector<Tensor> leaves = n.parameters();
  leaves.push_back(x);
  const auto slopes = torch::autograd::grad({at::sin(n.forward(x)).sum()}, leaves);
  const double h = 1e-6;
  for (std::size_t l = 0; l < leaves.size(); ++l)
    for (std::int64_t i = 0; i < leaves[l].numel(); ++i) {
      double& w = leaves[l].data_ptr<double>()[i];
      const double kept = w;
      w = kept + h;
      const double up = value(n, x);
      w = kept - h;
      const double down = value(n, x);
      w = kept;
      // truncation and round-off of a central difference of a sum of 14 terms
      EXPECT_NEAR(
          slopes[l].contiguous().data_ptr<double>()[i], (up - down) / (2 * h), 1e-7);
    }
}

INSTANTIATE_TEST_SUITE_P(All,
                         Activations,
                         ::testing::Values(Activation::leaky_relu,
                                           Activation::relu,
                                           Activation::tanh,
                                           Activation::silu,
                                           Activation::gelu));

TEST(Network, OneLayerIsAnAffineMap) {
  const Network n({2, {}, 1, Activation::relu, 0, true, 0}, stream(), 1, Precision::full);
  const auto x = inputs(3, 2);
  const double* w = n.parameters()[0].data_ptr<double>();
  const double b = n.parameters()[1].item<double>();
  const auto y = n.forward(x);
  for (int r = 0; r < 3; ++r) {
    const double* row = x.data_ptr<double>() + 2 * r;
    EXPECT_NEAR(y.data_ptr<double>()[r], w[0] * row[0] + w[1] * row[1] + b, 1e-14);
  }
}

TEST(Network, PublishedNetworksHaveThePublishedNumberOfWeights) {
  // proxy applications, section 3.2: 51,206 and 50,049 with biases
  const std::vector<int> hidden(4, 128);
  const Network g({6, hidden, 6, Activation::leaky_relu, 0.2, true, 0}, stream());
  const Network d({2, hidden, 1, Activation::leaky_relu, 0.2, true, 0}, stream());
  EXPECT_EQ(g.size(), 51'206u);
  EXPECT_EQ(d.size(), 50'049u);
}

TEST(Network, StartsKaimingAndXavierUniform) {
  const Network n({64, {256}, 32, Activation::leaky_relu, 0.2, true, 0}, stream());
  const auto moments = [](const Tensor& t) {
    double largest = 0, square = 0;
    for (const float v : values_of(t)) {
      largest = std::max(largest, std::abs(static_cast<double>(v)));
      square += static_cast<double>(v) * v / static_cast<double>(t.numel());
    }
    return std::pair{largest, square};
  };
  const auto [hidden, hidden_square] = moments(n.parameters()[0]);
  const double kaiming = std::sqrt(6 / (1.04 * 64)), xavier = std::sqrt(6.0 / 288);
  EXPECT_LE(hidden, kaiming);
  // variance of a uniform mean square: (4/45) b^4 / n; five standard deviations
  EXPECT_NEAR(hidden_square,
              kaiming * kaiming / 3,
              5 * kaiming * kaiming * std::sqrt(4.0 / 45 / (64 * 256)));
  const auto [output, output_square] = moments(n.parameters()[2]);
  EXPECT_LE(output, xavier);
  EXPECT_NEAR(output_square,
              xavier * xavier / 3,
              5 * xavier * xavier * std::sqrt(4.0 / 45 / (256 * 32)));
  for (const float b : values_of(n.parameters()[1])) EXPECT_EQ(b, 0);
}

TEST(Network, SameStreamGivesSameWeights) {
  const NetworkSpec spec{2, {8}, 1, Activation::relu, 0, true, 0};
  const Network a(spec, stream(3)), b(spec, stream(3)), c(spec, stream(4));
  EXPECT_TRUE(at::equal(a.parameters()[0], b.parameters()[0]));
  EXPECT_FALSE(at::equal(a.parameters()[0], c.parameters()[0]));
}

TEST(Network, DropoutKeepsTheMeanAndDoesNotDependOnTheCut) {
  const std::int64_t rows = 500, width = 100;
  const auto whole = dropout_mask({stream(), 0}, 1, rows, width, 0.2);
  const auto part = dropout_mask({stream(), 123}, 1, 10, width, 0.2);
  EXPECT_TRUE(at::equal(whole.narrow(0, 123, 10), part));
  // 0 or 1.25 with mean 1: standard deviation 1/2 per entry; five standard errors
  EXPECT_NEAR(whole.mean().item<double>(), 1, 5 * 0.5 / std::sqrt(rows * width));
  EXPECT_FALSE(at::equal(whole, dropout_mask({stream(), 0}, 2, rows, width, 0.2)));
}

TEST(Network, ComesBackBitForBit) {
  const NetworkSpec spec{2, {8}, 1, Activation::relu, 0, true, 0};
  const Network a(spec, stream(3), 0.5);
  Network b(spec, stream(4));
  io::State state;
  a.save(state, "n");
  b.load(state, "n");
  for (std::size_t i = 0; i < a.parameters().size(); ++i)
    EXPECT_TRUE(at::equal(a.parameters()[i], b.parameters()[i]));
  Network other({2, {9}, 1, Activation::relu, 0, true, 0}, stream(4));
  EXPECT_THROW(other.load(state, "n"), DataError);
}

TEST(Network, CopiesHaveWeightsOfTheirOwn) {
  const NetworkSpec spec{2, {8}, 1, Activation::relu, 0, true, 0};
  Network a(spec, stream(3));
  const Network b(a), other(spec, stream(4));
  a.assign(other);
  EXPECT_TRUE(at::equal(a.parameters()[0], other.parameters()[0]));
  EXPECT_FALSE(at::equal(a.parameters()[0], b.parameters()[0]));
}

TEST(Network, BlendIsAWeightedMean) {
  const NetworkSpec spec{1, {}, 1, Activation::relu, 0, false, 0};
  Network a(spec, stream(3));
  const Network b(spec, stream(4));
  const float x = values_of(a.parameters()[0])[0], y = values_of(b.parameters()[0])[0];
  a.blend(b, 0.75);
  EXPECT_NEAR(values_of(a.parameters()[0])[0], 0.75f * x + 0.25f * y, 1e-7);
}

TEST(Adam, FirstStepsFollowTheRule) {
  auto w = at::full({1}, 1.0, at::kFloat).set_requires_grad(true);
  Adam adam({w}, {.rate = 0.1, .beta1 = 0.9, .beta2 = 0.99});
  double m = 0, v = 0, expected = 1;
  for (int t = 1; t <= 5; ++t) {
    const double g = 0.5 * t - 1.2;
    adam.step({at::full({1}, g, at::kFloat)}, 0.5);
    m = 0.9 * m + 0.1 * g;
    v = 0.99 * v + 0.01 * g * g;
    expected -= 0.05 * (m / (1 - std::pow(0.9, t))) /
                (std::sqrt(v / (1 - std::pow(0.99, t))) + 1e-8);
    EXPECT_NEAR(w.item<double>(), expected, 1e-6);  // single precision
  }
}

TEST(Adam, ResumesBitForBit) {
  const auto gradient = [](int t) { return at::full({3}, 0.3 * t - 1, at::kFloat); };
  auto a = at::ones({3}).set_requires_grad(true),
       b = at::ones({3}).set_requires_grad(true);
  Adam whole({a}, {}), first({b}, {}), second({b}, {});
  for (int t = 0; t < 10; ++t) whole.step({gradient(t)});
  for (int t = 0; t < 5; ++t) first.step({gradient(t)});
  io::State state;
  first.save(state, "adam");
  second.load(state, "adam");
  for (int t = 5; t < 10; ++t) second.step({gradient(t)});
  EXPECT_TRUE(at::equal(a, b));
}
