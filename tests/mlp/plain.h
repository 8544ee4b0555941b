// The same perceptron written plainly, unit by unit in double precision: the oracle.
#pragma once
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "femto/core/random.h"
#include "femto/mlp/pass.h"
#include "femto/mlp/shape.h"

namespace femto::oracle {

using Numbers = std::vector<double>;

struct PlainResult {
  double loss = 0;
  Numbers outputs, weight_gradient, input_gradient;
};

inline std::pair<double, double> plain_activation(const mlp::Shape& s, double z) {
  using mlp::Activation;
  const double slope = s.activation == Activation::relu ? 0 : s.slope;
  const double sigmoid = 1 / (1 + std::exp(-z)), t = std::tanh(z);
  const double below = 0.5 * std::erfc(-z / std::sqrt(2.0));
  const double density = std::exp(-z * z / 2) / std::sqrt(2 * M_PI);
  switch (s.activation) {
    case Activation::leaky_relu:
    case Activation::relu:
      return {z > 0 ? z : slope * z, z > 0 ? 1 : slope};
    case Activation::tanh:
      return {t, 1 - t * t};
    case Activation::silu:
      return {z * sigmoid, sigmoid * (1 + z * (1 - sigmoid))};
    case Activation::gelu:
      return {z * below, below + z * density};
  }
  return {};
}

inline double plain_mask(const mlp::Shape& s,
                         const mlp::DropoutKey& key,
                         std::size_t layer,
                         std::size_t row,
                         std::size_t unit) {
  const auto bits = key.stream.bits(key.first + row,
                                    static_cast<std::uint32_t>(65536 * layer + unit / 8));
  const auto word = bits[unit % 8 / 2];
  const auto drawn = unit % 2 == 0 ? word & 0xFFFF : word >> 16;
  return drawn < static_cast<std::uint32_t>(65536 * s.dropout)
             ? 0
             : static_cast<float>(1 / (1 - s.dropout));
}

/// Forward and backward of every row on its own.
inline PlainResult plain(const mlp::Shape& shape,
                         const std::vector<Numbers>& parameters,
                         const mlp::Pass<double>& pass) {
  std::vector<std::size_t> widths{static_cast<std::size_t>(shape.inputs)};
  for (const int w : shape.hidden) widths.push_back(static_cast<std::size_t>(w));
  widths.push_back(static_cast<std::size_t>(shape.outputs));
  const std::size_t layers = widths.size() - 1, step = shape.biases ? 2 : 1;
  std::vector<Numbers> slopes;
  for (const auto& p : parameters) slopes.emplace_back(p.size());
  PlainResult out;
  for (std::size_t row = 0; row < pass.rows; ++row) {
    std::vector<Numbers> a(layers + 1), derivative(layers);
    const auto x = pass.x.subspan(row * widths[0], widths[0]);
    a[0].assign(x.begin(), x.end());
    for (std::size_t l = 0; l < layers; ++l)
      for (std::size_t o = 0; o < widths[l + 1]; ++o) {
        double z = shape.biases ? parameters[l * step + 1][o] : 0;
        for (std::size_t i = 0; i < widths[l]; ++i)
          z += parameters[l * step][o * widths[l] + i] * a[l][i];
        const bool hidden = l + 1 < layers;
        const auto [v, d] = hidden ? plain_activation(shape, z) : std::pair{z, 1.0};
        const double m = hidden && pass.dropout && shape.dropout > 0
                             ? plain_mask(shape, *pass.dropout, l, row, o)
                             : 1;
        a[l + 1].push_back(v * m);
        derivative[l].push_back(d * m);
      }
    Numbers delta;
    for (std::size_t o = 0; o < widths[layers]; ++o) {
      const double s = a[layers][o];
      const double t = pass.upstream.size() == 1
                           ? pass.upstream[0]
                           : pass.upstream[row * widths[layers] + o];
      out.outputs.push_back(s);
      if (pass.loss == mlp::Loss::none) delta.push_back(t);
      if (pass.loss == mlp::Loss::bce) {
        out.loss += std::log1p(std::exp(-std::abs(s))) + std::max(s, 0.0) - t * s;
        delta.push_back(1 / (1 + std::exp(-s)) - t);
      }
      if (pass.loss == mlp::Loss::least_squares) {
        out.loss += (s - t) * (s - t);
        delta.push_back(2 * (s - t));
      }
    }
    for (std::size_t l = layers; l-- > 0;) {
      Numbers below(widths[l]);
      for (std::size_t o = 0; o < widths[l + 1]; ++o) {
        const double d = delta[o] * derivative[l][o];
        if (shape.biases) slopes[l * step + 1][o] += d;
        for (std::size_t i = 0; i < widths[l]; ++i) {
          slopes[l * step][o * widths[l] + i] += d * a[l][i];
          below[i] += d * parameters[l * step][o * widths[l] + i];
        }
      }
      delta = below;
    }
    out.input_gradient.insert(out.input_gradient.end(), delta.begin(), delta.end());
  }
  for (const auto& s : slopes)
    out.weight_gradient.insert(out.weight_gradient.end(), s.begin(), s.end());
  return out;
}

/// Normal deviates times a scale.
inline Numbers normal_numbers(std::size_t n, double scale, std::uint64_t seed) {
  const auto stream = random::Stream::named(seed, "test of perceptrons");
  Numbers out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = scale * random::normal_pair(stream, i)[0];
  return out;
}

/// Weights that keep signals of order one, and biases.
inline std::vector<Numbers> some_parameters(const mlp::Shape& shape) {
  std::vector<Numbers> out;
  double in = shape.inputs;
  std::size_t index = 0;
  for (const auto size : mlp::parameter_sizes(shape)) {
    const bool weight = !shape.biases || index % 2 == 0;
    const std::size_t layer = shape.biases ? index / 2 : index;
    out.push_back(normal_numbers(size, weight ? 1.2 / std::sqrt(in) : 0.3, ++index));
    const bool done = !shape.biases || !weight;
    if (done && layer < shape.hidden.size()) in = shape.hidden[layer];
  }
  return out;
}

}  // namespace femto::oracle
