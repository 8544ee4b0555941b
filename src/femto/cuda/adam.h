// One step of Adam on the device.
#pragma once
#include <cmath>

#include "femto/cuda/launch.h"

namespace femto::cuda {

struct AdamRates {
  double rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
};

/// Updates n parameters and their two moments. The order of the roundings is libtorch's.
/// Source: Kingma:2015.
template <class Real>
struct AdamStep {
  static constexpr const char* name = "adam_step";
  static constexpr int threads = 256;

  std::int64_t n;
  Real *parameter, *mean, *square;
  const Real* gradient;
  Real keep_mean, keep_square, add_mean, add_square, epsilon;
  Real size, root;  // rate and sqrt(square) with the corrections of early steps

  /// `step` counts from 1.
  AdamStep(std::int64_t count,
           Real* parameters,
           Real* means,
           Real* squares,
           const Real* gradients,
           std::int64_t step,
           const AdamRates& rates)
      : n(count),
        parameter(parameters),
        mean(means),
        square(squares),
        gradient(gradients),
        keep_mean(static_cast<Real>(rates.beta1)),
        keep_square(static_cast<Real>(rates.beta2)),
        add_mean(static_cast<Real>(1 - rates.beta1)),
        add_square(static_cast<Real>(1 - rates.beta2)),
        epsilon(static_cast<Real>(rates.epsilon)) {
    const auto t = static_cast<double>(step);
    size = static_cast<Real>(rates.rate / (1 - std::pow(rates.beta1, t)));
    root = static_cast<Real>(std::sqrt(1 - std::pow(rates.beta2, t)));
  }

  std::int64_t blocks() const { return ceil_div(n, threads); }

  std::size_t shared_bytes() const { return 0; }

  template <class Team>
  constexpr void operator()(const Team& team, const Block& block) const {
    each_index<threads>(team, block, n, [&](std::int64_t i) {
      const Real g = gradient[i];
      mean[i] = mean[i] * keep_mean + g * add_mean;
      square[i] = square[i] * keep_square + add_square * g * g;
      parameter[i] -= size * mean[i] / (std::sqrt(square[i]) / root + epsilon);
    });
  }
};

}  // namespace femto::cuda
