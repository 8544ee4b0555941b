// Reference truths of the proxy applications and quick access to densities, for tests.
#pragma once
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "femto/pipeline/density.h"

namespace femto::testing {

inline const std::vector<double> truth1d{2.1875, -0.5, 3, 1.09375, -0.5, 4};
inline const std::vector<double> truth2d{0.5, 3.0, 0.3, 4.0, 0.75};

/// Values and slopes of ln sigma at one point.
struct PointValue {
  double log_sigma = 0;
  std::vector<double> slope;
};

inline PointValue evaluate_at(const Theory& theory,
                              std::size_t channel,
                              std::span<const double> theta,
                              std::vector<double> x) {
  std::vector<const double*> columns;
  for (const auto& value : x) columns.push_back(&value);
  std::vector<double> features(theory.feature_count(channel));
  std::vector<double*> out;
  for (auto& value : features) out.push_back(&value);
  theory.features(channel, 1, columns.data(), out.data());
  PointValue at{0, std::vector<double>(theta.size())};
  std::vector<double*> slope;
  for (auto& value : at.slope) slope.push_back(&value);
  const std::vector<const double*> in(out.begin(), out.end());
  theory.evaluate(channel, theta, 1, in.data(), &at.log_sigma, slope.data());
  return at;
}

/// E_c[h], and Cov_c(h, score): d E[h] / d theta, by the density's own quadrature.
template <class H>
std::pair<double, std::vector<double>> expectation(const Density& density,
                                                   std::size_t channel,
                                                   std::span<const double> theta,
                                                   const H& h) {
  const auto& grid = density.grid(channel);
  const auto norms = density.norms(theta);
  double mean = 0;
  std::vector<double> slope(theta.size());
  for (std::size_t i = 0; i < grid.weight.size(); ++i) {
    std::vector<double> x;
    for (const auto& axis : grid.x) x.push_back(axis[i]);
    const auto at = evaluate_at(density.theory(), channel, theta, x);
    const double p = grid.weight[i] * std::exp(at.log_sigma - norms.log_norm[channel]);
    mean += p * h(x);
    for (std::size_t k = 0; k < theta.size(); ++k)
      slope[k] += p * h(x) * (at.slope[k] - norms.slope(channel, k));
  }
  return {mean, slope};
}

}  // namespace femto::testing
