// Gradients of a game's loss without an autograd graph: for training loops.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "femto/mlp/mlp.h"
#include "femto/neural/gradient_penalty.h"
#include "femto/neural/loss.h"
#include "femto/neural/network.h"
#include "femto/neural/spectral_norm.h"

namespace femto::neural {

/// Rows that are judged alike: x [row, inputs], targets [row, outputs] or one for all.
struct LossTerm {
  std::span<const float> x;
  std::span<const float> targets;
  std::optional<DropoutKey> dropout = {};  // none: no dropout
};

enum class Weights { raw, spectral };

/// Sums over rows of a loss (as summed_loss), with gradients. Values do not depend on the
/// number of threads. Fused where the network's shape is supported (then nothing is
/// allocated after the first call), else, and for the Wasserstein loss, whose penalty is
/// differentiated twice, by libtorch in tiles. One call at a time.
class LossGradients {
 public:
  /// The network, of single precision, must outlive this object; its weights are read in
  /// every call and, with Weights::spectral, divided by their largest singular values.
  LossGradients(const Network& network, GameLoss loss, Weights weights = Weights::raw);

  /// Summed loss of all terms, and of the gradient penalty between real and generated
  /// events if they are given; gradients() are then those of the sum.
  double of_weights(std::span<const LossTerm> terms, const Between* between = nullptr);

  /// One tensor per parameter of the network: views of one array, overwritten by every
  /// call of of_weights.
  const std::vector<Tensor>& gradients() const { return gradients_; }

  /// Summed loss of one term; gradient: [row, inputs].
  double of_inputs(const LossTerm& term, std::span<float> gradient);

 private:
  void read_weights();
  double plain_weights(const LossTerm& term);
  double keep(const Slope& slope);
  double plain_inputs(const LossTerm& term, std::span<float> gradient);
  mlp::Pass<float> pass(const LossTerm& term) const;

  std::optional<SpectralNorm> spectral_;
  const Network& network_;  // as it judges
  GameLoss loss_;
  std::vector<std::span<const float>> parameters_;
  std::unique_ptr<mlp::Mlp<float>> fused_;  // none for other shapes
  Tensor flat_;
  std::vector<Tensor> gradients_;
  std::vector<float> more_;  // gradients of a further term
};

}  // namespace femto::neural
