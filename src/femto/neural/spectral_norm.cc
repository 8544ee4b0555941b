#include "femto/neural/spectral_norm.h"

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>

namespace femto::neural {
namespace {

constexpr int iterations = 30;

bool is_weight(const Tensor& parameter) {
  return parameter.dim() == 2;
}

/// Keyed and without direction: orthogonal to no singular vector in practice.
Tensor start(std::int64_t size) {
  const random::Stream stream{0x5eed, 0};
  auto out = at::empty({size}, at::kFloat);
  float* to = out.data_ptr<float>();
  for (std::int64_t i = 0; i < size; ++i)
    to[i] =
        static_cast<float>(random::normal_pair(stream, static_cast<std::uint64_t>(i))[0]);
  return out;
}

double normalise(Tensor& x) {
  const double length = x.norm().item<double>();
  if (length > 0) x.div_(length);
  return length;
}

}  // namespace

SpectralNorm::SpectralNorm(const Network& raw) : raw_(raw), normalised_(raw) {
  refresh();
}

SpectralNorm::Direction SpectralNorm::largest(const Tensor& weight) {
  Direction at;
  at.left = start(weight.size(0));
  for (int k = 0; k < iterations; ++k) {
    at.right = at::mv(weight.t(), at.left);
    normalise(at.right);
    at.left = at::mv(weight, at.right);
    at.sigma = normalise(at.left);
  }
  if (!(at.sigma > 0)) at.sigma = 1;  // a matrix of zeros stays one
  return at;
}

void SpectralNorm::refresh() {
  const c10::AutoGradMode no_graph(false);
  directions_.clear();
  for (std::size_t i = 0; i < raw_.parameters().size(); ++i) {
    auto to = normalised_.parameters()[i];
    to.copy_(raw_.parameters()[i]);
    if (!is_weight(to)) continue;
    directions_.push_back(largest(to));
    to.div_(directions_.back().sigma);
  }
}

void SpectralNorm::pull_back(std::span<const Tensor> gradients) const {
  const c10::AutoGradMode no_graph(false);
  auto direction = directions_.begin();
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    auto g = gradients[i];
    if (!is_weight(g)) continue;
    const double along = (g * normalised_.parameters()[i]).sum().item<double>();
    g.sub_(at::outer(direction->left, direction->right), along).div_(direction->sigma);
    ++direction;
  }
}

}  // namespace femto::neural
