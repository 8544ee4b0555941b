// Perceptrons that run on the CPU and, in tests/gpu, on a device.
#pragma once
#include "tests/cuda/machine.h"

namespace femto::testing {

struct MlpCase {
  std::vector<int> width;  // inputs, hidden..., outputs
  std::int64_t rows;
  cuda::Activation activation = cuda::Activation::leaky_relu;
  cuda::Loss loss = cuda::Loss::given;
  double dropout = 0;
  bool biases = true;

  std::size_t layers() const { return width.size() - 1; }

  std::size_t count(std::size_t layer) const {
    return static_cast<std::size_t>(rows * width[layer]);
  }

  /// Weights of the size that keeps signals alive.
  std::vector<double> weight(std::size_t layer) const {
    const auto in = static_cast<std::size_t>(width[layer]);
    const auto out = static_cast<std::size_t>(width[layer + 1]);
    const double top = 2 / std::sqrt(static_cast<double>(in));
    return some(50 + layer, in * out, -top, top);
  }

  std::vector<double> bias(std::size_t layer) const {
    return some(60 + layer, static_cast<std::size_t>(width[layer + 1]), -0.5, 0.5);
  }

  std::vector<double> input() const { return some(70, count(0), -2, 2); }

  /// Targets in (0, 1), or upstream derivatives.
  std::vector<double> target() const { return some(71, count(layers())); }

  cuda::Dropout drop() const { return {{8, 9}, 1000, dropout}; }

  double scale() const { return 1.0 / static_cast<double>(rows); }
};

template <class Real>
struct MlpResult {
  std::vector<Real> output, gradient, input_slope;
  double loss = 0;
};

enum class Wanted { output, weights, inputs, all };

/// `input` and `parameters` (weight, bias, weight, ...) instead of the case's own, for
/// finite differences.
template <class Real, class Machine>
MlpResult<Real> run_mlp(const Machine& machine,
                        const MlpCase& c,
                        const std::vector<double>& input,
                        const std::vector<double>& parameters,
                        Wanted wanted = Wanted::all) {
  using Array = typename Machine::template Array<Real>;
  using Doubles = typename Machine::template Array<double>;
  cuda::Mlp<Real> net;
  net.layers = static_cast<int>(c.layers());
  std::copy(c.width.begin(), c.width.end(), net.width.begin());
  net.activation = c.activation;
  net.dropout = c.drop();
  Array values(as<Real>(parameters));
  const Real* at = values.data();
  for (std::size_t l = 0; l < c.layers(); ++l) {
    net.weight[l] = at;
    at += c.width[l] * c.width[l + 1];
    if (!c.biases) continue;
    net.bias[l] = at;
    at += c.width[l + 1];
  }
  Array x(as<Real>(input)), target(as<Real>(c.target()));
  Array output(c.count(c.layers())), input_slope(c.count(0)), gradient(parameters.size());
  Array scratch(static_cast<std::size_t>(cuda::gradient_scratch_size(net, c.rows)));
  Doubles loss(1), losses(static_cast<std::size_t>(cuda::plan(net, c.rows).parts));
  cuda::MlpPass<Real> pass{net, c.rows, x.data(), output.data(), c.loss};
  const bool backward = wanted != Wanted::output;
  if (backward) pass.target = target.data();
  if (backward) pass.loss_sum = loss.data();
  pass.scale = static_cast<Real>(c.scale());
  if (backward && wanted != Wanted::weights) pass.input_slope = input_slope.data();
  if (backward && wanted != Wanted::inputs) pass.gradient = gradient.data();
  cuda::run(pass, scratch.data(), losses.data(), machine.where);
  return {output.values(),
          gradient.values(),
          input_slope.values(),
          backward ? loss.values()[0] : 0};
}

inline std::vector<double> parameters_of(const MlpCase& c) {
  std::vector<double> out;
  const auto add = [&](const std::vector<double>& v) {
    out.insert(out.end(), v.begin(), v.end());
  };
  for (std::size_t l = 0; l < c.layers(); ++l) {
    add(c.weight(l));
    if (c.biases) add(c.bias(l));
  }
  return out;
}

template <class Real, class Machine>
MlpResult<Real> run_mlp(const Machine& machine,
                        const MlpCase& c,
                        Wanted wanted = Wanted::all) {
  return run_mlp<Real>(machine, c, c.input(), parameters_of(c), wanted);
}

}  // namespace femto::testing
