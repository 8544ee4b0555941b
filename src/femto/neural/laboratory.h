// Simulated records at any parameters, all made from the same random numbers.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/pipeline/objective.h"

namespace femto::neural {

/// Records that may survive the detector.
struct Records {
  Matrix truth, measured;      // [column, record]
  std::vector<double> weight;  // [record] the probability that it is kept
};

/// Draws true events and measures them. Record i depends on (seed, purpose, i) and theta
/// alone, and moves little when theta does. Const and thread-safe. Knows the response
/// through measured events only.
class Laboratory {
 public:
  /// What `setup` refers to must outlive it.
  Laboratory(const SimulationSetup& setup, std::string_view purpose);

  /// Records first .. first + n - 1 at theta, a point of the measured theory.
  Records records(std::span<const double> theta,
                  std::uint64_t first,
                  std::size_t n) const;

  /// Measures true records first .. first + n - 1 at nuisance parameters nu in place,
  /// record[column][n]; weight[n] is what `Records` says.
  void measure(std::span<const double> nu,
               std::uint64_t first,
               std::size_t n,
               double* const* record,
               double* weight) const;

  const SimulationSetup& setup() const { return setup_; }

 private:
  SimulationSetup setup_;
  std::uint64_t seed_;
  std::unique_ptr<SamplerPlan> plan_;
};

}  // namespace femto::neural
