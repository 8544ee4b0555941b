// Grid points, their features, and derivatives summed over them.
#include "femto/pipeline/feature_grid.h"

#include <algorithm>

#include "femto/core/scratch.h"
#include "femto/core/vector_sums.h"

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
  ScratchVector<const double*> features(scratch());
  ScratchVector<double*> rows(scratch());
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
  constexpr std::size_t block = 512;  // all slopes of a block stay in the first cache
  ScratchVector<double> values((1 + theta.size()) * block, scratch());
  ScratchVector<const double*> features(grid.features.size(), scratch());
  ScratchVector<double*> rows(scratch());
  for (std::size_t k = 0; k < theta.size(); ++k) rows.push_back(&values[(k + 1) * block]);
  for (std::size_t i = 0; i < grid.size; i += block) {
    const std::size_t n = std::min(block, grid.size - i);
    for (std::size_t f = 0; f < features.size(); ++f)
      features[f] = grid.features[f].data() + i;
    theory.evaluate(channel, theta, n, features.data(), values.data(), rows.data());
    for (std::size_t k = 0; k < theta.size(); ++k)
      slope[k] += weighted_sum_of(n, &adjoint_sigma[i], rows[k]);
  }
}

}  // namespace femto
