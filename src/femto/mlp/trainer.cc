// First weights and steps of Adam.
#include "femto/mlp/trainer.h"

#include <cmath>
#include <numeric>
#include <utility>

#include "femto/core/error.h"

namespace femto::mlp {

std::vector<float> first_weights(const Shape& shape, const random::Stream& stream) {
  const auto sizes = parameter_sizes(shape);
  std::vector<float> out;
  std::size_t fan_in = static_cast<std::size_t>(shape.inputs);
  for (std::size_t k = 0; k < sizes.size(); k += 2) {  // weight, bias
    const double bound = std::sqrt(6.0 / static_cast<double>(fan_in));
    const bool last = k + 2 == sizes.size();
    for (std::size_t j = 0; j < sizes[k]; ++j)
      out.push_back(last ? 0.0f
                         : static_cast<float>(
                               bound * (2 * random::uniform(stream, out.size()) - 1)));
    out.resize(out.size() + sizes[k + 1]);
    fan_in = sizes[k + 1];
  }
  return out;
}

std::vector<std::uint32_t> shuffled(std::size_t n, const random::Stream& stream) {
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0u);
  for (std::size_t i = n; i > 1; --i) {
    const auto j =
        static_cast<std::size_t>(random::uniform(stream, i) * static_cast<double>(i));
    std::swap(order[i - 1], order[j]);
  }
  return order;
}

Trainer::Trainer(const Shape& shape, std::vector<float> weights)
    : net_(shape),
      outputs_(static_cast<std::size_t>(shape.outputs)),
      sizes_(parameter_sizes(shape)),
      weights_(std::move(weights)),
      first_(net_.size()),
      second_(net_.size()),
      gradient_(net_.size()) {
  expect(shape.biases && weights_.size() == net_.size(),
         "a trainer gets a weight for each of its network");
  share();
}

void Trainer::outputs(std::span<const float> x, std::span<float> out) {
  net_.run({.rows = out.size() / outputs_, .x = x, .outputs = out});
}

void Trainer::step(std::span<const float> x,
                   std::span<const float> upstream,
                   double rate) {
  net_.run({.rows = upstream.size() / outputs_,
            .x = x,
            .upstream = upstream,
            .weight_gradient = gradient_});
  ++steps_;
  const double a = 1 - std::pow(0.9, steps_), b = 1 - std::pow(0.999, steps_);
  const auto size = static_cast<float>(rate / a);
  const auto root = static_cast<float>(1 / b);
  for (std::size_t k = 0; k < weights_.size(); ++k) {
    first_[k] += 0.1f * (gradient_[k] - first_[k]);
    second_[k] += 0.001f * (gradient_[k] * gradient_[k] - second_[k]);
    weights_[k] -= size * first_[k] / (std::sqrt(root * second_[k]) + 1e-8f);
  }
  share();
}

void Trainer::share() {
  std::vector<std::span<const float>> parts;
  std::size_t at = 0;
  for (const auto size : sizes_) {
    parts.emplace_back(weights_.data() + at, size);
    at += size;
  }
  net_.set_parameters(parts);
}

}  // namespace femto::mlp
