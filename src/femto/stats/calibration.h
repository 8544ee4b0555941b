// Whether probabilities that were claimed come true: ranks, coverage, distances, PIT.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "femto/core/matrix.h"

namespace femto::stats {

/// How uniform values in (0, 1) are: Pearson's chi-square in equal bins and the largest
/// distance of their distribution function from the diagonal.
struct Uniformity {
  std::size_t n = 0;
  int bins = 0;
  double chi_square = 0, chi_square_p = 1;
  double distance = 0, distance_p = 1;

  /// Both tests together: twice the smaller p-value, at most 1.
  double p() const;
};

/// n / 10 bins, at least 2 and at most 20. Also the test of PIT values: F(y_i) of events
/// y_i under a distribution function with nothing fitted.
Uniformity uniformity(std::span<const double> u);

/// Half the width of the band around the diagonal that the distribution function of n
/// uniform values leaves with probability 1 - level. Source: Stephens:1970.
double ecdf_band(std::size_t n, double level);

/// Where a truth lies among draws, spread over the gap it falls into:
/// (number of draws below + uniform) / (draws + 1). Uniform if the truth is exchangeable
/// with the draws. Source: Talts:2018 (simulation-based calibration).
double rank_share(double truth, std::span<const double> draws, double uniform);

/// The same for the distance from a reference point among the draws [draw, coordinate].
/// Every second draw sets the scale: coordinates are standardised by their mean and
/// standard deviation, and the reference, in these units, is 2 `normals` [coordinate],
/// so it is independent of the truth. The others are compared. Uniform if the joint
/// posterior is right; sees correlations that single ranks do not. Source: Lemos:2023
/// (TARP).
double distance_share(std::span<const double> truth,
                      const Matrix& draws,
                      std::span<const double> normals,
                      double uniform);

/// Two-sided p-value of k successes in n when each has probability `fraction`.
double binomial_p(std::uint64_t k, std::uint64_t n, double fraction);

}  // namespace femto::stats
