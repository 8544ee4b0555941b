// One transition of the No-U-Turn sampler, and the length of its first step.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "femto/core/random.h"
#include "femto/stats/metric.h"

namespace femto::stats {

/// ln of a density, up to a constant, at z; fills its gradient [coordinate]. -infinity
/// where the density is zero. Called from several threads at once.
using LogDensity =
    std::function<double(std::span<const double> z, std::span<double> gradient)>;

/// A point of a trajectory.
struct PhasePoint {
  std::vector<double> z, p, gradient;
  double log_density = 0;

  /// Minus the log-density plus the kinetic energy.
  double energy(const Metric& metric) const;
};

/// Random numbers of one transition: values depend on (stream, iteration) and on the
/// order of asking alone.
class Dice {
 public:
  Dice(const random::Stream& stream, std::uint64_t iteration)
      : stream_(stream), iteration_(iteration) {}

  double uniform();
  std::vector<double> normals(std::size_t n);

 private:
  random::Stream stream_;
  std::uint64_t iteration_;
  std::uint32_t block_ = 0;
};

struct NutsStep {
  double acceptance = 0;  // mean acceptance probability over the trajectory
  double energy = 0;      // of the trajectory, after the new momentum was drawn
  int depth = 0;
  bool divergent = false;
  std::uint64_t evaluations = 0;
};

/// Moves `at` (z, gradient and log_density filled) by one transition that leaves the
/// density invariant: a trajectory doubled until it makes a U-turn by the generalised
/// criterion, also between neighbouring subtrees, and a multinomial draw from its points,
/// biased towards the last doubling. Divergent: the energy rose by more than 1000.
/// Source: Hoffman:2014; Betancourt:2017 appendix A.
NutsStep nuts_transition(const LogDensity& density,
                         const Metric& metric,
                         double step,
                         int max_depth,
                         Dice& dice,
                         PhasePoint& at);

/// A step whose acceptance probability is near 0.8, by doubling or halving `step`.
/// Source: Hoffman:2014 algorithm 4.
double reasonable_step(const LogDensity& density,
                       const Metric& metric,
                       const PhasePoint& at,
                       double step,
                       Dice& dice);

}  // namespace femto::stats
