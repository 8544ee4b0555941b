// Grid points, their features, and derivatives summed over them.
#include "femto/pipeline/feature_grid.h"

namespace femto {

FeatureGrid feature_grid(const Theory& theory,
                         std::size_t channel,
                         const std::vector<std::vector<double>>& ticks) {
  FeatureGrid grid{1, {}};
  for (const auto& axis : ticks) grid.size *= axis.size();
  std::vector<std::vector<double>> x;
  std::size_t stride = grid.size;
  for (const auto& axis : ticks) {
    stride /= axis.size();
    auto& column = x.emplace_back(grid.size);
    for (std::size_t i = 0; i < grid.size; ++i)
      column[i] = axis[i / stride % axis.size()];
  }
  grid.features.assign(theory.feature_count(channel), std::vector<double>(grid.size));
  std::vector<const double*> in;
  std::vector<double*> out;
  for (const auto& column : x) in.push_back(column.data());
  for (auto& feature : grid.features) out.push_back(feature.data());
  theory.features(channel, grid.size, in.data(), out.data());
  return grid;
}

void evaluate_on(const FeatureGrid& grid,
                 const Theory& theory,
                 std::size_t channel,
                 std::span<const double> theta,
                 double* log_sigma,
                 double* slopes) {
  std::vector<const double*> features;
  std::vector<double*> rows;
  for (const auto& feature : grid.features) features.push_back(feature.data());
  for (std::size_t k = 0; slopes && k < theta.size(); ++k)
    rows.push_back(slopes + k * grid.size);
  theory.evaluate(channel,
                  theta,
                  grid.size,
                  features.data(),
                  log_sigma,
                  slopes ? rows.data() : nullptr);
}

void add_slopes(const FeatureGrid& grid,
                const Theory& theory,
                std::size_t channel,
                std::span<const double> theta,
                std::span<const double> adjoint_sigma,
                double* slope) {
  std::vector<double> log_sigma(grid.size), slopes(theta.size() * grid.size);
  evaluate_on(grid, theory, channel, theta, log_sigma.data(), slopes.data());
  for (std::size_t k = 0; k < theta.size(); ++k) {
    const double* row = &slopes[k * grid.size];
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::size_t j = 0; j < grid.size; ++j) sum += adjoint_sigma[j] * row[j];
    slope[k] += sum;
  }
}

}  // namespace femto
