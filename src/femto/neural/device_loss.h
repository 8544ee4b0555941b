// A discriminator's loss and its gradients by kernels.
#pragma once
#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include <ATen/Functions.h>

#include "femto/core/error.h"
#include "femto/cuda/mlp.h"
#include "femto/neural/device_memory.h"
#include "femto/neural/floats.h"
#include "femto/neural/loss_gradients.h"

namespace femto::neural {

/// A network's shape as the kernels see it; weights are still missing.
cuda::Mlp<float> kernel_shape(const NetworkSpec& spec);

/// Rows that are judged alike, in the machine's memory.
struct DeviceTerm {
  const float* x = nullptr;  // [row, inputs]
  std::size_t rows = 0;
  std::span<const float> targets;  // [row, outputs] or one for all; in the CPU's memory
  std::optional<DropoutKey> dropout = {};
};

/// What LossGradients does, on rows in the machine's memory.
template <class Machine>
class DeviceLoss {
 public:
  /// The network, of single precision, must outlive this object; its weights are read in
  /// every call.
  DeviceLoss(const Machine& machine,
             const Network& network,
             GameLoss loss,
             Weights weights = Weights::raw)
      : machine_(machine),
        spectral_(weights == Weights::spectral ? std::optional<SpectralNorm>(network)
                                               : std::nullopt),
        network_(spectral_ ? spectral_->network() : network),
        shape_(kernel_shape(network.spec())),
        loss_(loss == GameLoss::bce ? cuda::Loss::bce_with_logits
                                    : cuda::Loss::least_squares),
        flat_(at::zeros({static_cast<std::int64_t>(network.size())}, at::kFloat)),
        more_(network.size()) {
    std::int64_t first = 0;
    for (const auto& p : network.parameters()) {
      gradients_.push_back(flat_.narrow(0, first, p.numel()).view(p.sizes()));
      first += p.numel();
      weights_.emplace_back(machine);
    }
  }

  /// Summed loss of all terms; gradients() are then those of the sum.
  double of_weights(std::span<const DeviceTerm> terms) {
    const auto sum = values_of(flat_);
    std::ranges::fill(sum, 0.0f);
    const auto net = read_weights();
    double loss = 0;
    for (const auto& term : terms) {
      auto wanted = pass(net, term);
      wanted.gradient = gradient_.room(more_.size());
      loss += run(wanted);
      gradient_.get(more_);
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += more_[i];
    }
    if (spectral_) spectral_->pull_back(gradients_);
    return loss;
  }

  /// One tensor per parameter of the network, on the CPU.
  const std::vector<Tensor>& gradients() const { return gradients_; }

  /// Summed loss of one term; input_slope(): [row, inputs], in the machine's memory.
  double of_inputs(const DeviceTerm& term) {
    auto wanted = pass(read_weights(), term);
    wanted.input_slope =
        input_slope_.room(term.rows * static_cast<std::size_t>(network_.spec().inputs));
    return run(wanted);
  }

  const float* input_slope() const { return input_slope_.data(); }

 private:
  cuda::Mlp<float> read_weights() {
    if (spectral_) spectral_->refresh();
    auto net = shape_;
    const bool biases = network_.spec().biases;
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      const float* at = weights_[i].put(values_of(network_.parameters()[i]));
      if (!biases)
        net.weight[i] = at;
      else
        (i % 2 == 0 ? net.weight : net.bias)[i / 2] = at;
    }
    return net;
  }

  cuda::MlpPass<float> pass(const cuda::Mlp<float>& net, const DeviceTerm& term) {
    cuda::MlpPass<float> out{net, static_cast<std::int64_t>(term.rows), term.x};
    if (term.dropout)
      out.net.dropout = {
          term.dropout->stream, term.dropout->first, network_.spec().dropout};
    out.loss = loss_;
    const auto outputs = static_cast<std::size_t>(network_.spec().outputs);
    if (term.targets.size() == 1) {
      alike_.assign(term.rows * outputs, term.targets.front());
      out.target = target_.put(alike_);
    } else {
      expect(term.targets.size() == term.rows * outputs, "one target per output");
      out.target = target_.put(term.targets);
    }
    out.loss_sum = loss_sum_.room(1);
    return out;
  }

  double run(const cuda::MlpPass<float>& pass) {
    const auto parts = cuda::plan(pass.net, pass.rows).parts;
    float* scratch = nullptr;
    if (pass.gradient)
      scratch = scratch_.room(
          static_cast<std::size_t>(cuda::gradient_scratch_size(pass.net, pass.rows)));
    cuda::run(
        pass, scratch, loss_parts_.room(static_cast<std::size_t>(parts)), machine_.where);
    double loss = 0;
    loss_sum_.get(std::span(&loss, 1));
    return loss;
  }

  Machine machine_;
  std::optional<SpectralNorm> spectral_;
  const Network& network_;  // as it judges
  cuda::Mlp<float> shape_;
  cuda::Loss loss_;
  Tensor flat_;
  std::vector<Tensor> gradients_;
  std::vector<float> more_;                            // gradients of one term
  std::vector<float> alike_;                           // targets that are all the same
  std::vector<DeviceMemory<float, Machine>> weights_;  // one per parameter
  DeviceMemory<float, Machine> gradient_{machine_}, scratch_{machine_},
      input_slope_{machine_}, target_{machine_};
  DeviceMemory<double, Machine> loss_sum_{machine_}, loss_parts_{machine_};
};

}  // namespace femto::neural
