// How far two samples are apart, without networks and without truth: the sliced energy
// distance.
#pragma once
#include <cstdint>
#include <vector>

#include "femto/core/matrix.h"

namespace femto::neural {

/// Compares samples with one reference sample along fixed directions: each column, and
/// `extra` random ones (keyed by the seed) that see correlations.
class EnergyDistance {
 public:
  EnergyDistance(const Matrix& reference, int extra, std::uint64_t seed);

  /// Mean over directions of int (F - G)^2 dt, divided by what two samples of one
  /// distribution give on average: about 1 for equal distributions, growing with the
  /// number of events otherwise. sample: [column, row]. Source: Szekely:2013, in one
  /// dimension.
  double operator()(const Matrix& sample) const;

 private:
  std::vector<double> project(const Matrix& sample, std::size_t direction) const;

  Matrix directions_;                        // [direction, column]
  std::vector<std::vector<double>> sorted_;  // [direction][row] of the reference
};

/// int (F - G)^2 dt of two sorted samples, and its mean (1/n + 1/m) int H (1 - H) dt
/// under equality, H being the distribution of both together.
struct CramerDistance {
  double distance = 0, expected = 0;
};

CramerDistance cramer_distance(const std::vector<double>& a,
                               const std::vector<double>& b);

}  // namespace femto::neural
