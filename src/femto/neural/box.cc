#include "femto/neural/box.h"

#include <cmath>

#include <ATen/Functions.h>

#include "femto/core/error.h"

namespace femto::neural {
namespace {

double sigmoid(double x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

}  // namespace

Matrix Box::theta(const Tensor& raw) const {
  const auto& parameters = setup_.parameters;
  const auto values = raw.detach().to(at::kDouble).contiguous();
  const double* from = values.data_ptr<double>();
  Matrix out(static_cast<std::size_t>(raw.size(0)), parameters.size());
  expect(raw.size(1) == static_cast<std::int64_t>(parameters.size()),
         "one output of the generator for each parameter");
  for (std::size_t i = 0; i < out.data.size(); ++i) {
    const std::size_t p = i % out.cols;
    const auto& one = parameters[p];
    out.data[i] =
        setup_.fixed[p] ? one.start : one.lo + (one.hi - one.lo) * sigmoid(from[i]);
  }
  return out;
}

Tensor Box::backward(const Tensor& raw, const Matrix& slope) const {
  const auto values = raw.detach().to(at::kDouble).contiguous();
  auto out = at::empty_like(values);
  const double* from = values.data_ptr<double>();
  double* to = out.data_ptr<double>();
  for (std::size_t i = 0; i < slope.data.size(); ++i) {
    const std::size_t p = i % slope.cols;
    const auto& one = setup_.parameters[p];
    const double s = sigmoid(from[i]);
    to[i] = setup_.fixed[p] ? 0 : slope.data[i] * (one.hi - one.lo) * s * (1 - s);
  }
  return out.to(raw.scalar_type());
}

std::vector<bool> Box::at_bound(const std::vector<double>& theta) const {
  std::vector<bool> out(theta.size());
  for (std::size_t p = 0; p < theta.size(); ++p) {
    const auto& one = setup_.parameters[p];
    const double near = 1e-3 * (one.hi - one.lo);
    out[p] = !setup_.fixed[p] && (theta[p] < one.lo + near || theta[p] > one.hi - near);
  }
  return out;
}

}  // namespace femto::neural
