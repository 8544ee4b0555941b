// Iterative Bayesian unfolding of binned data: the EM iteration of the Poisson
// likelihood.
#pragma once
#include <span>
#include <vector>

#include "femto/core/matrix.h"

namespace femto::stats {

/// How true bins become measured ones.
struct BinnedResponse {
  /// [measured bin, true bin]: probability that an event of the true bin is measured in
  /// the measured bin. The sum of a column is the efficiency of the true bin.
  Matrix probability;

  /// Expected events without a true partner, [measured bin]; empty: none.
  std::vector<double> fakes;

  std::vector<double> efficiency() const;

  /// Expected measured events of true ones.
  std::vector<double> fold(std::span<const double> truth) const;
};

/// One iteration: truth [true bin] -> truth [true bin]. Missed events get the weight of
/// the detected ones of their bin, so an efficiency below 1 leaves the fixed point at the
/// maximum of the likelihood. Throws DataError where there are data that the response
/// cannot give, and where a true bin with events has no efficiency.
/// Source: DAgostini:1995 equations 3 to 5; Shepp:1982 section II (fixed point).
std::vector<double> unfolding_step(const BinnedResponse& response,
                                   std::span<const double> data,
                                   std::span<const double> truth);

/// `iterations` steps from `prior`.
std::vector<double> unfold(const BinnedResponse& response,
                           std::span<const double> data,
                           std::span<const double> prior,
                           int iterations);

}  // namespace femto::stats
