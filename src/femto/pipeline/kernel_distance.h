// Squared maximum mean discrepancy with a Gaussian kernel, on a grid over each channel.
#pragma once
#include <memory>

#include "femto/pipeline/objective.h"
#include "femto/pipeline/shares.h"

namespace femto {

/// Data and densities on equal grids over the channels' boxes: 400 points on one axis, 64
/// per axis on two, 16 on more, with linear interpolation of the kernel between them.
struct KernelGrid {
  std::size_t points = 0;  // per axis
  std::size_t axes = 1;
  Deposit nodes;             // of the density's grid
  std::vector<double> data;  // [point] adds up to one

  std::size_t size() const { return data.size(); }
};

/// The kernel exp(-(x - y)^2 / (2 h^2)) between points of a grid, one axis after the
/// other.
class GridKernel {
 public:
  /// bandwidth: h in widths of the axis.
  GridKernel(std::size_t points, std::size_t axes, double bandwidth);

  /// sum_j k(i, j) in[j]: [point].
  std::vector<double> apply(std::span<const double> in) const;

 private:
  std::size_t points_, axes_;
  Matrix one_;  // of one axis
};

/// n a / 2 times the squared discrepancy (m - g)^T K (m - g) of densities m and data g,
/// summed over channels; a makes the expected value at the truth half the number of
/// channels. Source of distance: Gretton:2012; of its estimators' variance: Briol:2019.
class KernelCriterion final : public Criterion {
 public:
  /// bandwidth: in widths of the axes; 0: that of the smallest predicted variance among
  /// 0.02 to 1 (0.05 to 1 in more dimensions), at a first estimate with 0.2.
  KernelCriterion(const Material& material, double bandwidth);

  stats::Evaluation evaluate(std::span<const double> theta) const override;
  std::optional<Matrix> gradient_variance(std::span<const double> theta) const override;

  double events() const override { return weights_.sum; }

  double bandwidth() const { return bandwidth_; }

 private:
  void use(double bandwidth);
  void choose(const Material& material);

  const Density& density_;
  std::vector<KernelGrid> grids_;    // [channel]
  std::vector<GridKernel> kernels_;  // [channel]
  WeightSums weights_;
  double bandwidth_ = 0;
  double factor_ = 1;  // a
};

}  // namespace femto
