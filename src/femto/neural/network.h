// Multilayer perceptrons with counter-based initial weights and dropout masks.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "femto/core/random.h"
#include "femto/io/checkpoint.h"
#include "femto/neural/fused.h"
#include "femto/neural/tensor.h"
#include "femto/pipeline/generator.h"

namespace femto::neural {

/// Number type of weights and activations: training uses single precision, gradient
/// checks double.
enum class Precision { single, full };

/// Which masks a pass through dropout layers uses; row r of a batch uses index first + r,
/// so a batch may be cut into pieces.
using DropoutKey = mlp::DropoutKey;

/// A multilayer perceptron: Linear, activation and perhaps dropout per hidden layer, then
/// Linear. Weights are leaves of the autograd graph. Uses no global random generator.
class Network {
 public:
  /// Hidden layers start Kaiming-uniform for their activation, the output layer
  /// Xavier-uniform, biases normal with standard deviation `bias_sd` (0: all zero). Layer
  /// l uses block l of the stream. Source: He:2015 section 2.2, Glorot:2010 Eq. (16).
  Network(const NetworkSpec& spec,
          random::Stream stream,
          double bias_sd = 0,
          Precision precision = Precision::single);

  /// Copies have weights of their own.
  Network(const Network& other);
  Network& operator=(const Network&) = delete;

  /// x: [row, inputs] -> [row, outputs]. Dropout is applied only if `dropout` is given.
  /// Fused where the shape is supported; then it can be differentiated once.
  Tensor forward(const Tensor& x, const DropoutKey* dropout = nullptr) const;

  /// The same layer by layer, by libtorch: the reference, for any shape.
  Tensor forward_plain(const Tensor& x, const DropoutKey* dropout = nullptr) const;

  /// Weight [out, in] and, with biases, bias [out] of each layer in turn.
  const std::vector<Tensor>& parameters() const { return parameters_; }

  const NetworkSpec& spec() const { return spec_; }

  /// Number of weights and biases.
  std::size_t size() const;

  /// Copies the values of a network of the same shape.
  void assign(const Network& other);

  /// values = decay * values + (1 - decay) * other's.
  void blend(const Network& other, double decay);

  /// True if every weight is finite.
  bool finite() const;

  /// Bit for bit under "prefix.0", "prefix.1", ...; single precision only.
  void save(io::State& state, const std::string& prefix) const;
  void load(const io::State& state, const std::string& prefix);

 private:
  NetworkSpec spec_;
  std::vector<Tensor> parameters_;
  std::shared_ptr<const FusedOperation> fused_;  // none for other shapes
};

/// Inverted dropout: entries 0 with probability p, else 1 / (1 - p): [rows, width].
Tensor dropout_mask(
    const DropoutKey& key, int layer, std::int64_t rows, std::int64_t width, double p);

}  // namespace femto::neural
