// What a multilayer perceptron is to the kernels: widths, weights, activation, loss.
#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "femto/cuda/philox.h"

namespace femto::cuda {

/// The activations of neural::Network.
enum class Activation { leaky_relu, relu, tanh, silu, gelu };

template <class Real>
struct ActivationAt {
  Real value, slope;
};

/// Value and derivative; at 0 the derivative is that of the negative side, as in
/// libtorch. `leak`: slope of leaky_relu below 0.
template <class Real>
constexpr ActivationAt<Real> activate(Activation kind, Real leak, Real z) {
  switch (kind) {
    case Activation::leaky_relu:
      return z > 0 ? ActivationAt<Real>{z, 1} : ActivationAt<Real>{leak * z, leak};
    case Activation::relu:
      return z > 0 ? ActivationAt<Real>{z, 1} : ActivationAt<Real>{0, 0};
    case Activation::tanh: {
      const Real h = std::tanh(z);
      return {h, 1 - h * h};
    }
    case Activation::silu: {
      const Real p = 1 / (1 + std::exp(-z));
      return {z * p, p * (1 + z * (1 - p))};
    }
    case Activation::gelu: {
      constexpr Real root2 = std::numbers::sqrt2_v<Real>;
      const Real p = Real(0.5) * (1 + std::erf(z / root2));
      const Real bell =
          std::exp(Real(-0.5) * z * z) * std::numbers::inv_sqrtpi_v<Real> / root2;
      return {z * p, p + z * bell};
    }
  }
  return {z, 1};
}

/// What the outputs s are held against:
///
///     given            dL/ds is given, no loss is summed
///     bce_with_logits  ln(1 + e^s) - t s
///     least_squares    (s - t)^2
enum class Loss { given, bce_with_logits, least_squares };

template <class Real>
struct LossAt {
  Real value, slope;
};

/// Loss and derivative of one output; `target`: t, or dL/ds of `given`.
template <class Real>
constexpr LossAt<Real> loss_at(Loss kind, Real s, Real target) {
  switch (kind) {
    case Loss::given:
      return {0, target};
    case Loss::bce_with_logits: {
      const Real e = std::exp(-std::abs(s));  // no overflow on either side
      const Real p = s >= 0 ? 1 / (1 + e) : e / (1 + e);
      return {(s > 0 ? s : 0) + std::log1p(e) - target * s, p - target};
    }
    case Loss::least_squares:
      return {(s - target) * (s - target), 2 * (s - target)};
  }
  return {0, 0};
}

/// Weights of up to eight layers in device memory, as neural::Network::parameters() has
/// them: weight [out][in], bias [out] or null.
template <class Real>
struct Mlp {
  static constexpr int max_layers = 8, max_width = 512;

  int layers = 0;                           // of weights
  std::array<int, max_layers + 1> width{};  // inputs, hidden..., outputs
  std::array<const Real*, max_layers> weight{}, bias{};
  Activation activation = Activation::leaky_relu;
  Real leak = Real(0.2);
  Dropout dropout;  // after hidden layers; probability 0: none

  constexpr int in(int layer) const { return width[static_cast<std::size_t>(layer)]; }

  constexpr int out(int layer) const {
    return width[static_cast<std::size_t>(layer) + 1];
  }

  constexpr const Real* weights(int layer) const {
    return weight[static_cast<std::size_t>(layer)];
  }

  constexpr const Real* biases(int layer) const {
    return bias[static_cast<std::size_t>(layer)];
  }

  /// Where the gradient of a layer begins in one flat array: weight, bias, weight, ...
  constexpr std::int64_t offset(int layer) const {
    std::int64_t at = 0;
    for (int l = 0; l < layer; ++l)
      at += std::int64_t{out(l)} * (in(l) + (biases(l) ? 1 : 0));
    return at;
  }

  /// Number of weights and biases.
  constexpr std::int64_t size() const { return offset(layers); }
};

}  // namespace femto::cuda
