// Training passes run fused; points are few, so they go through a plain loop in double.
#include "femto/neural/bilinear_net.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "femto/core/vmath.h"

namespace femto::neural {
namespace {

template <class T>
std::vector<std::span<const T>> cut(const mlp::Shape& shape, std::span<const T> flat) {
  std::vector<std::span<const T>> out;
  for (const auto n : mlp::parameter_sizes(shape)) {
    out.push_back(flat.first(n));
    flat = flat.subspan(n);
  }
  return out;
}

std::size_t size_of(const mlp::Shape& shape) {
  const auto sizes = mlp::parameter_sizes(shape);
  return std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
}

void fill_glorot(const mlp::Shape& shape, random::Stream stream, float* out) {
  std::vector<int> width = {shape.inputs};
  width.insert(width.end(), shape.hidden.begin(), shape.hidden.end());
  width.push_back(shape.outputs);
  for (std::size_t l = 0; l + 1 < width.size(); ++l) {
    const auto weights = static_cast<std::size_t>(width[l] * width[l + 1]);
    const double reach = std::sqrt(6.0 / (width[l] + width[l + 1]));
    for (std::size_t i = 0; i < weights; ++i)
      *out++ = static_cast<float>(
          reach * (2 * random::uniform(stream, i, static_cast<std::uint32_t>(l)) - 1));
    for (int i = 0; i < width[l + 1]; ++i) *out++ = 0;
  }
}

}  // namespace

mlp::Shape BilinearNet::event_shape() const {
  return {shape_.event_inputs, shape_.hidden, shape_.rank, mlp::Activation::tanh};
}

mlp::Shape BilinearNet::point_shape() const {
  return {shape_.point_inputs, shape_.hidden, shape_.rank, mlp::Activation::tanh};
}

BilinearNet::BilinearNet(BilinearShape shape, double scale, random::Stream stream)
    : shape_(std::move(shape)), scale_(scale) {
  of_events_ = size_of(event_shape());
  parameters_.resize(of_events_ + size_of(point_shape()));
  fill_glorot(event_shape(), stream, parameters_.data());
  fill_glorot(point_shape(),
              random::Stream::named(stream.seed, "points", stream.id),
              parameters_.data() + of_events_);
  events_ = std::make_shared<mlp::Mlp<float>>(event_shape());
  points_ = std::make_shared<mlp::Mlp<float>>(point_shape());
}

void BilinearNet::load() {
  const std::span<const float> all(parameters_);
  events_->set_parameters(cut(event_shape(), all.first(of_events_)));
  points_->set_parameters(cut(point_shape(), all.subspan(of_events_)));
}

void BilinearNet::event_features(std::span<const float> y, std::span<float> g) {
  load();
  events_->run(
      {.rows = g.size() / static_cast<std::size_t>(shape_.rank), .x = y, .outputs = g});
}

void BilinearNet::point_features(std::span<const float> z, std::span<float> c) {
  points_->run(
      {.rows = c.size() / static_cast<std::size_t>(shape_.rank), .x = z, .outputs = c});
}

void BilinearNet::gradient(std::span<const float> y,
                           std::span<const float> slope_g,
                           std::span<const float> z,
                           std::span<const float> slope_c,
                           std::span<float> out) {
  const auto rank = static_cast<std::size_t>(shape_.rank);
  events_->run({.rows = slope_g.size() / rank,
                .x = y,
                .upstream = slope_g,
                .weight_gradient = out.first(of_events_)});
  points_->run({.rows = slope_c.size() / rank,
                .x = z,
                .upstream = slope_c,
                .weight_gradient = out.subspan(of_events_)});
}

Matrix BilinearNet::hidden(std::span<const double> y, std::size_t rows) const {
  auto inputs = static_cast<std::size_t>(shape_.event_inputs);
  Matrix layer(inputs, rows);
  for (std::size_t i = 0; i < inputs; ++i)
    for (std::size_t r = 0; r < rows; ++r) layer(i, r) = y[r * inputs + i];
  const float* p = parameters_.data();
  for (std::size_t l = 0; l < shape_.hidden.size(); ++l) {
    const auto width = static_cast<std::size_t>(shape_.hidden[l]);
    const bool last = l + 1 == shape_.hidden.size();
    Matrix next(width + (last ? 1 : 0), rows);
    const float* bias = p + width * inputs;
    for (std::size_t o = 0; o < width; ++o) {
      double* to = next.row(o);
      std::fill_n(to, rows, double{bias[o]});
      for (std::size_t i = 0; i < inputs; ++i) {
        const double weight = *p++;
        const double* from = layer.row(i);
        for (std::size_t r = 0; r < rows; ++r) to[r] += weight * from[r];
      }
      // tanh x = 1 - 2 / (1 + e^2x)
      for (std::size_t r = 0; r < rows; ++r) to[r] *= 2;
      vmath::exp(rows, to, to);
      for (std::size_t r = 0; r < rows; ++r) to[r] = 1 - 2 / (1 + to[r]);
    }
    p += width;
    if (last) std::fill_n(next.row(width), rows, 1.0);
    layer = std::move(next);
    inputs = width;
  }
  return layer;
}

}  // namespace femto::neural
