// What a multilayer perceptron looks like: layers, activation, order of its parameters.
#pragma once
#include <cstddef>
#include <vector>

namespace femto::mlp {

enum class Activation { leaky_relu, relu, tanh, silu, gelu };

/// Linear, activation and perhaps dropout per hidden layer, then Linear.
struct Shape {
  int inputs = 1;
  std::vector<int> hidden;
  int outputs = 1;
  Activation activation = Activation::leaky_relu;
  double slope = 0.2;  // of leaky_relu
  bool biases = true;
  double dropout = 0;  // after each hidden layer
};

/// True for 1 to 16 inputs and outputs, 1 to 6 hidden layers of 16 to 512 units, slopes
/// of at least 0 and dropout in [0, 1).
bool supported(const Shape& shape);

/// Sizes of the parameters in order: weight [out, in] and, with biases, bias [out] of
/// each layer in turn.
std::vector<std::size_t> parameter_sizes(const Shape& shape);

}  // namespace femto::mlp
