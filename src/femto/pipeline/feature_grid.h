// A theory's features at the points of a rectilinear grid, ready for any theta.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "femto/pipeline/theory.h"

namespace femto {

/// All combinations of the ticks of each axis, the last axis fastest.
struct FeatureGrid {
  std::size_t size = 0;
  std::vector<std::vector<double>> features;  // [feature][point]
};

/// ticks: [axis][tick].
FeatureGrid feature_grid(const Theory& theory,
                         std::size_t channel,
                         const std::vector<std::vector<double>>& ticks);

/// log_sigma[point] and, unless null, slopes[parameter * size + point].
void evaluate_on(const FeatureGrid& grid,
                 const Theory& theory,
                 std::size_t channel,
                 std::span<const double> theta,
                 double* log_sigma,
                 double* slopes);

/// Adds to slope[parameter] the sum over points of adjoint * sigma * d ln sigma/d theta;
/// `adjoint_sigma` [point] holds that product of the first two.
void add_slopes(const FeatureGrid& grid,
                const Theory& theory,
                std::size_t channel,
                std::span<const double> theta,
                std::span<const double> adjoint_sigma,
                double* slope);

}  // namespace femto
