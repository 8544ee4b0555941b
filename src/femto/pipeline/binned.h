// The binned likelihood: counts in bins against probabilities integrated over the bins.
#pragma once
#include <cstddef>
#include <vector>

#include "femto/pipeline/objective.h"

namespace femto {

/// Bins of one channel, equally wide on every axis, with quadrature nodes in each.
struct BinGrid {
  std::size_t per_axis = 0, nodes_per_bin = 0, bins = 0;
  std::vector<std::vector<double>> features;  // [feature][bin * nodes_per_bin + node]
  std::vector<double> weight;                 // [bin * nodes_per_bin + node]
};

/// Bins per axis when none are asked for: 1000 on one axis, 100 on two, 20 on more.
std::size_t default_bins(std::size_t axes);

/// -sum_b n_b ln pi_b(theta) per channel, pi_b the share of bin b. The integrals use
/// Gauss-Legendre nodes in the graded coordinate of each axis, and the same nodes make
/// the norm, so the shares sum to one. One pass over the data; after it neither memory
/// nor time depends on their number. Source: Baker:1984.
class BinnedLikelihood final : public Criterion {
 public:
  /// bins_per_axis 0: default_bins. nodes: per axis and bin; 0: 4, and up to 8 where the
  /// bins are so wide that a power of (1 - x) falls by orders of magnitude in one.
  BinnedLikelihood(const Theory& theory,
                   const Dataset& data,
                   const Weighting& weighting,
                   std::size_t bins_per_axis = 0,
                   std::size_t nodes = 0);

  /// The curvature is the exact expected information of the counts.
  stats::Evaluation evaluate(std::span<const double> theta) const override;

  /// Events of other weights than one: sum w^2 times the information of one, as is right
  /// for weights that do not follow the measured columns.
  std::optional<Matrix> gradient_variance(std::span<const double> theta) const override;

  double events() const override { return events_; }

  std::string explain(std::span<const double> theta) const override;

  /// Weighted count of every bin [channel][bin]; the last axis runs fastest.
  const std::vector<std::vector<double>>& counts() const { return counts_; }

  const BinGrid& grid(std::size_t channel) const { return grids_[channel]; }

 private:
  void add_channel(std::size_t channel,
                   std::span<const double> theta,
                   stats::Evaluation& out) const;

  const Theory& theory_;
  std::vector<BinGrid> grids_;
  std::vector<std::vector<double>> counts_;
  double events_ = 0, squares_ = 0;  // sums of weights and of their squares
};

}  // namespace femto
