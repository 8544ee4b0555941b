// Spectral normalisation against a singular value decomposition and finite differences.
#include "femto/neural/spectral_norm.h"

#include <cmath>

#include <ATen/Functions.h>
#include <ATen/ops/linalg_svdvals.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "femto/neural/floats.h"
#include "femto/neural/loss_gradients.h"

namespace femto::neural {
namespace {

const NetworkSpec spec{2, {40, 24}, 1, Activation::tanh, 0.2, true, 0};

Network network(std::uint64_t seed) {
  return Network(spec, random::Stream::named(seed, "test"), 0.1);
}

double largest_singular_value(const Tensor& w) {
  return at::linalg_svdvals(w.detach().to(at::kDouble)).max().item<double>();
}

TEST(SpectralNorm, LargestSingularValuesBecomeOneAndBiasesStay) {
  const auto raw = network(3);
  const SpectralNorm norm(raw);
  for (std::size_t i = 0; i < raw.parameters().size(); ++i) {
    const auto& before = raw.parameters()[i];
    const auto& after = norm.network().parameters()[i];
    if (before.dim() == 1) {
      EXPECT_TRUE(at::equal(before, after));
      continue;
    }
    // Power iteration stops a little short when two singular values are close.
    EXPECT_NEAR(largest_singular_value(after), 1, 2e-2);
    EXPECT_GE(largest_singular_value(after), 1 - 1e-5);
    EXPECT_TRUE(at::allclose(
        after * largest_singular_value(before) / largest_singular_value(after),
        before,
        1e-4,
        1e-6));
  }
}

TEST(SpectralNorm, AKnownMatrix) {
  auto raw = network(4);
  const c10::AutoGradMode no_graph(false);
  auto w = raw.parameters()[0];  // [40, 2]
  w.zero_();
  w[3][0] = 3.0f;
  w[7][1] = -0.5f;
  SpectralNorm norm(raw);
  EXPECT_FLOAT_EQ(norm.network().parameters()[0][3][0].item<float>(), 1.0f);
  EXPECT_FLOAT_EQ(norm.network().parameters()[0][7][1].item<float>(), -0.5f / 3);
}

TEST(SpectralNorm, GradientsOfRawWeightsMatchFiniteDifferences) {
  auto raw = network(5);
  LossGradients judge(raw, GameLoss::bce, Weights::spectral);
  const auto x = at::randn({400, 2}, at::kFloat);
  const std::vector<float> label = {1.0f};
  const LossTerm term{values_of(x), label};
  judge.of_weights({&term, 1});
  std::vector<Tensor> gradients;
  for (const auto& g : judge.gradients()) gradients.push_back(g.clone());
  const c10::AutoGradMode no_graph(false);
  for (std::size_t i = 0; i < gradients.size(); ++i)
    for (const std::int64_t at : {std::int64_t{0}, gradients[i].numel() / 2}) {
      auto weight = raw.parameters()[i].view({-1})[at];
      const float here = weight.item<float>(), h = 2e-2f;
      weight.fill_(here + h);
      const double up = judge.of_weights({&term, 1});
      weight.fill_(here - h);
      const double down = judge.of_weights({&term, 1});
      weight.fill_(here);
      const double slope = gradients[i].view({-1})[at].item<double>();
      EXPECT_NEAR(slope, (up - down) / (2 * h), 2e-2 * std::abs(slope) + 0.05);
    }
}

}  // namespace
}  // namespace femto::neural
