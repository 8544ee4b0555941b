// What a generator is: noise becomes parameters. Here only its architecture; weights live
// with the solver.
#pragma once
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace femto {

enum class Activation { leaky_relu, relu, tanh, silu, gelu };

constexpr std::array<std::pair<std::string_view, Activation>, 5> names(Activation) {
  return {{{"leaky_relu", Activation::leaky_relu},
           {"relu", Activation::relu},
           {"tanh", Activation::tanh},
           {"silu", Activation::silu},
           {"gelu", Activation::gelu}}};
}

/// A multilayer perceptron, described without any tensor library.
struct NetworkSpec {
  int inputs = 1;
  std::vector<int> hidden;
  int outputs = 1;
  Activation activation = Activation::leaky_relu;
  double slope = 0.2;  // of leaky_relu
  bool biases = true;
  double dropout = 0;  // after each hidden layer
};

struct NoiseSpec {
  int size = 6;
  double mean = 0.5, sd = 0.3;
};

class Generator {
 public:
  static constexpr std::string_view kind = "generator";
  virtual ~Generator() = default;

  virtual NoiseSpec noise() const = 0;

  /// noise -> one number per parameter; a sigmoid maps it to the parameter's box.
  virtual NetworkSpec network(int parameters) const = 0;
};

}  // namespace femto
