// Spectral normalisation: every weight matrix divided by its largest singular value.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "femto/neural/network.h"

namespace femto::neural {

/// A network with normalised weights beside the raw one that is trained. Bounds how
/// steep the network can be. Source: Miyato:2018 (section 2.1).
///
/// The singular value comes from power iteration that starts anew every time, so that
/// there is no state to save; it is never above the true one.
class SpectralNorm {
 public:
  /// `raw`, of single precision, must outlive this object.
  explicit SpectralNorm(const Network& raw);

  /// Takes over the raw weights; biases stay as they are.
  void refresh();

  const Network& network() const { return normalised_; }

  /// Gradients with respect to normalised weights become, in place, those with respect
  /// to raw ones: (G - <G, W'> u v^T) / sigma with W' = W / sigma.
  void pull_back(std::span<const Tensor> gradients) const;

 private:
  struct Direction {
    Tensor left, right;  // u [out], v [in]
    double sigma = 1;
  };

  static Direction largest(const Tensor& weight);

  const Network& raw_;
  Network normalised_;
  std::vector<Direction> directions_;  // one per weight matrix, in order
};

}  // namespace femto::neural
