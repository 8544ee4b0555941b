// A perceptron with its weights and Adam, for components that train small networks.
#pragma once
#include <span>
#include <vector>

#include "femto/core/random.h"
#include "femto/mlp/mlp.h"

namespace femto::mlp {

/// The hidden layers start Kaiming-uniform with biases of zero, the last layer at zero,
/// so that the network begins as what its outputs are added to. Source: He:2015.
std::vector<float> first_weights(const Shape& shape, const random::Stream& stream);

/// A permutation of 0 .. n - 1, for the order of rows in an epoch.
std::vector<std::uint32_t> shuffled(std::size_t n, const random::Stream& stream);

/// One network that is trained. One pass at a time.
class Trainer {
 public:
  /// The shape must have biases.
  Trainer(const Shape& shape, std::vector<float> weights);

  /// x: [row, inputs] -> out: [row, outputs].
  void outputs(std::span<const float> x, std::span<float> out);

  /// One step of Adam down the gradient of sum(upstream * outputs). Source: Kingma:2015
  /// algorithm 1.
  void step(std::span<const float> x, std::span<const float> upstream, double rate);

  const std::vector<float>& weights() const { return weights_; }

 private:
  void share();

  Mlp<float> net_;
  std::size_t outputs_;
  std::vector<std::size_t> sizes_;
  std::vector<float> weights_, first_, second_, gradient_;
  int steps_ = 0;
};

}  // namespace femto::mlp
