#include "femto/neural/network.h"

#include <cmath>

#include <ATen/Functions.h>

#include "femto/core/error.h"
#include "femto/neural/floats.h"

namespace femto::neural {
namespace {

/// Factor that keeps the variance of signals through the activation.
double gain(const NetworkSpec& spec) {
  switch (spec.activation) {
    case Activation::leaky_relu:
      return std::sqrt(2 / (1 + spec.slope * spec.slope));
    case Activation::tanh:
      return 5.0 / 3.0;
    case Activation::relu:
    case Activation::silu:
    case Activation::gelu:
      return std::sqrt(2.0);
  }
  throw Bug("an activation without gain");
}

Tensor activate(const NetworkSpec& spec, const Tensor& x) {
  switch (spec.activation) {
    case Activation::leaky_relu:
      return at::leaky_relu(x, spec.slope);
    case Activation::relu:
      return at::relu(x);
    case Activation::tanh:
      return at::tanh(x);
    case Activation::silu:
      return at::silu(x);
    case Activation::gelu:
      return at::gelu(x);
  }
  throw Bug("an activation without function");
}

std::vector<int> widths(const NetworkSpec& spec) {
  std::vector<int> out{spec.inputs};
  out.insert(out.end(), spec.hidden.begin(), spec.hidden.end());
  out.push_back(spec.outputs);
  for (const int w : out) expect(w > 0, "a layer of a network has at least one unit");
  return out;
}

Tensor leaf(const std::vector<double>& values,
            at::IntArrayRef shape,
            Precision precision) {
  auto t = at::empty(shape, at::kDouble);
  std::copy(values.begin(), values.end(), t.data_ptr<double>());
  t = t.to(precision == Precision::single ? at::kFloat : at::kDouble);
  return t.set_requires_grad(true);
}

}  // namespace

Network::Network(const NetworkSpec& spec,
                 random::Stream stream,
                 double bias_sd,
                 Precision precision)
    : spec_(spec), fused_(FusedOperation::of(spec)) {
  const auto width = widths(spec);
  const auto layers = width.size() - 1;
  for (std::size_t l = 0; l < layers; ++l) {
    const int in = width[l], out = width[l + 1];
    const bool hidden = l + 1 < layers;
    const double bound =
        hidden ? gain(spec) * std::sqrt(3.0 / in) : std::sqrt(6.0 / (in + out));
    const auto count = static_cast<std::size_t>(in) * static_cast<std::size_t>(out);
    const auto block = static_cast<std::uint32_t>(2 * l);
    std::vector<double> weights(count);
    for (std::size_t i = 0; i < count; ++i)
      weights[i] = bound * (2 * random::uniform_pair(stream, i, block)[0] - 1);
    parameters_.push_back(leaf(weights, {out, in}, precision));
    if (!spec.biases) continue;
    std::vector<double> biases(static_cast<std::size_t>(out));
    for (std::size_t i = 0; i < biases.size(); ++i)
      biases[i] = bias_sd * random::normal_pair(stream, i, block + 1)[0];
    parameters_.push_back(leaf(biases, {out}, precision));
  }
}

Network::Network(const Network& other) : spec_(other.spec_), fused_(other.fused_) {
  for (const auto& p : other.parameters_)
    parameters_.push_back(p.detach().clone().set_requires_grad(true));
}

Tensor Network::forward(const Tensor& x, const DropoutKey* dropout) const {
  expect(x.dim() == 2 && x.size(1) == spec_.inputs, "a network gets [row, inputs]");
  if (!fused_ || !FusedOperation::takes(x, parameters_)) return forward_plain(x, dropout);
  return (*fused_)(x, parameters_, dropout ? std::optional(*dropout) : std::nullopt);
}

Tensor Network::forward_plain(const Tensor& x, const DropoutKey* dropout) const {
  expect(x.dim() == 2 && x.size(1) == spec_.inputs, "a network gets [row, inputs]");
  Tensor h = x;
  const std::size_t step = spec_.biases ? 2 : 1;
  const int layers = static_cast<int>(parameters_.size() / step);
  for (int l = 0; l < layers; ++l) {
    const auto at = static_cast<std::size_t>(l) * step;
    h = at::linear(h, parameters_[at], spec_.biases ? parameters_[at + 1] : Tensor());
    if (l + 1 == layers) break;
    h = activate(spec_, h);
    if (dropout && spec_.dropout > 0)
      h = h * dropout_mask(*dropout, l, h.size(0), h.size(1), spec_.dropout);
  }
  return h;
}

std::size_t Network::size() const {
  std::size_t n = 0;
  for (const auto& p : parameters_) n += static_cast<std::size_t>(p.numel());
  return n;
}

void Network::assign(const Network& other) {
  blend(other, 0);
}

void Network::blend(const Network& other, double decay) {
  expect(other.size() == size(), "networks that are blended have the same shape");
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    auto to = values_of(parameters_[i]);
    const auto from = values_of(other.parameters_[i]);
    const auto keep = static_cast<float>(decay);
    for (std::size_t j = 0; j < to.size(); ++j)
      to[j] = decay == 0 ? from[j] : keep * to[j] + (1 - keep) * from[j];
  }
}

bool Network::finite() const {
  for (const auto& p : parameters_)
    for (const float v : values_of(p))
      if (!std::isfinite(v)) return false;
  return true;
}

void Network::save(io::State& state, const std::string& prefix) const {
  put_floats(state, prefix, parameters_);
}

void Network::load(const io::State& state, const std::string& prefix) {
  get_floats(state, prefix, parameters_);
}

Tensor dropout_mask(
    const DropoutKey& key, int layer, std::int64_t rows, std::int64_t width, double p) {
  auto mask = at::empty({rows, width}, at::kFloat);
  float* out = mask.data_ptr<float>();
  const auto kept = static_cast<float>(1 / (1 - p));
  const auto limit = static_cast<std::uint32_t>(p * 65536);  // of 16 bits per entry
  const auto blocks = static_cast<std::uint32_t>((width + 7) / 8);
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::uint32_t b = 0; b < blocks; ++b) {
      const auto bits = key.stream.bits(key.first + static_cast<std::uint64_t>(r),
                                        static_cast<std::uint32_t>(layer) * 65536 + b);
      for (std::int64_t j = 8 * b; j < std::min<std::int64_t>(width, 8 * b + 8); ++j) {
        const auto word = bits[static_cast<std::size_t>(j % 8) / 2];
        const auto half = j % 2 == 0 ? word & 0xFFFF : word >> 16;
        out[r * width + j] = half < limit ? 0 : kept;
      }
    }
  }
  return mask;
}

}  // namespace femto::neural
