// Chains of the No-U-Turn sampler with warm-up, in parallel.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/stats/nuts.h"

namespace femto::stats {

/// Shape of the mass matrix. automatic: dense up to 50 coordinates.
enum class MassMatrix { automatic, dense, diagonal };

/// How far one chain is.
struct HmcProgress {
  std::size_t chain = 0;
  int iteration = 0;      // of warm-up and draws together
  double acceptance = 0;  // of the last trajectory
  int divergences = 0;    // among the draws so far
};

struct HmcOptions {
  int warmup = 1000, draws = 1000;  // iterations of each chain
  double acceptance = 0.8;          // that warm-up aims at
  int max_depth = 10;               // doublings of a trajectory
  MassMatrix mass_matrix = MassMatrix::automatic;
  Matrix covariance;  // first guess of the target's [i, j]; empty: the identity
  std::uint64_t seed = 1;
  std::size_t first = 0,
              stride = 1;  // chain k is number first + k * stride of the seed's

  /// Called before every iteration from the thread of the chain; what it throws ends the
  /// sampling.
  std::function<void(const HmcProgress&)> watch;
};

struct Chain {
  std::vector<std::vector<double>> draws;  // [draw][coordinate]
  std::vector<double> energies;            // [draw]
  double acceptance = 0;                   // mean over the draws
  double step = 0;
  Matrix covariance;  // of the metric that the draws were made with
  int divergences = 0;
  int cut_short = 0;              // trajectories that ended at max_depth
  std::uint64_t evaluations = 0;  // of the density, warm-up included
};

/// One chain from each of `starts` [chain][coordinate]. Warm-up: step by dual averaging,
/// covariance over windows of doubling length, shrunk by the weight of five draws towards
/// the one before. Chain c depends on (seed, c) alone: the same bits for any number of
/// threads. Throws NumericalError where the density of a start is zero.
/// Source: Hoffman:2014 sections 3.2 and 4; Carpenter:2017 (windows).
std::vector<Chain> sample(const LogDensity& density,
                          const std::vector<std::vector<double>>& starts,
                          const HmcOptions& options);

/// Ends of the windows of warm-up after which the covariance is estimated; the first
/// begins at `begin`. Source: Carpenter:2017.
struct WarmupWindows {
  int begin = 0;
  std::vector<int> ends;
};

WarmupWindows warmup_windows(int warmup);

}  // namespace femto::stats
