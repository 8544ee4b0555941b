// Log-ratios of measured densities that networks have learned, anchored by simulation.
#pragma once
#include <memory>
#include <vector>

#include "femto/neural/learning.h"
#include "femto/neural/slice.h"
#include "femto/stats/minimise.h"

namespace femto::neural {

/// Events of one channel as the networks see them.
struct SeenEvents {
  std::vector<std::vector<float>> features;  // [monomial][event], centred
  std::vector<double> weight;                // [event]
};

/// ln q(y; theta) / q(y; centre) of each channel as the mean of several networks, with
/// simulated events of the centre. They normalise it,
///   ln q_hat = h(y, z) - ln E_centre[e^h],
/// so that its score at the centre has mean zero under simulation whatever the networks
/// missed: what they do not know costs precision, not correctness, near the centre.
struct Learned {
  Region region;
  std::shared_ptr<const Slice> slice;
  std::vector<std::size_t> axes;                   // [channel]
  std::vector<InputScale> scales;                  // [column]
  std::vector<std::vector<ChannelRatio>> members;  // [member][channel]
  std::vector<std::vector<double>> mean;           // [channel][feature] at the centre
  std::vector<SeenEvents> reference;               // [channel]
  std::vector<Matrix> covariance;                  // [channel] of the features there
  double simulated = 0;                            // effective number of reference events
  /// Variance of the estimate from training, in units of the statistical one, largest in
  /// any direction.
  double training_variance = 0;

  std::size_t features() const { return members[0][0].head.rows; }

  /// column[axis][n] of a channel -> head * hidden, the mean of members first .. last -
  /// 1: [monomial, n].
  Matrix features_of(std::size_t channel,
                     std::span<const double* const> column,
                     std::size_t n,
                     std::size_t first,
                     std::size_t last) const;
};

/// Sums over data: weights, then each channel's centred features.
struct DataSums {
  double events = 0;
  std::vector<std::vector<double>> features;  // [channel][feature]
};

DataSums data_sums(const Learned& learned,
                   const Dataset& data,
                   const Weighting& weighting);

/// Simulates the reference events at the centre: features, covariance, weights.
void anchor(Learned& learned, const Laboratory& laboratory, std::uint64_t records);

/// Minus the log-likelihood of the data at z, with slope and expected curvature in z.
/// Beyond the radius its value on the sphere, and a paraboloid.
stats::Evaluation learned_likelihood(const Learned& learned,
                                     const DataSums& data,
                                     std::span<const double> z);

/// Its minimum within the radius' cube.
stats::Minimum learned_minimum(const Learned& learned, const DataSums& data);

/// Variance of the estimate from training: how far the scores of the members alone, at
/// the centre and summed over the data, would move it; the largest in any direction, in
/// units of the statistical variance, for the mean of the members.
double training_variance(const Learned& learned,
                         const Dataset& data,
                         const Laboratory& laboratory,
                         std::uint64_t records);

}  // namespace femto::neural
