// Events of whole records: all channels drawn, measured, and kept or lost.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "femto/io/events.h"
#include "femto/pipeline/experiment.h"
#include "femto/pipeline/sampler.h"

namespace femto {

/// Which records: their seed and replica (toy or member).
struct Drawing {
  std::uint64_t seed = 1;
  std::uint64_t replica = 0;
};

/// The records of one experiment that survive its detector, in the order in which they
/// were attempted. Attempt i depends on (seed, replica, i) alone: channel c uses
/// event_stream(seed, c, replica), the detector Stream::named(seed, "detector", replica),
/// the decision to keep it Stream::named(seed, "survival", replica).
class Simulation {
 public:
  /// All must outlive it. `nu`: the instrument's nuisance parameters.
  Simulation(const Experiment& experiment,
             const SamplerTable& sampler,
             std::vector<double> nu,
             Drawing drawing);

  /// The next n survivors: record[column][n], on all threads. The same records for any
  /// cut into calls. Throws NumericalError when hardly anything survives.
  void next(std::size_t n, std::span<double* const> record);

  /// Leaves out the first `attempts`; before anything is drawn, and where no events are
  /// lost.
  void skip(std::uint64_t attempts);

  /// Attempts so far, in whole batches where events may be lost.
  std::uint64_t attempts() const { return attempts_; }

 private:
  /// Measures attempts [attempts_, attempts_ + n) and, unless null, says which survive.
  void attempt(std::size_t n, std::span<double* const> record, char* kept);
  void refill();

  const Experiment& experiment_;
  const SamplerTable& sampler_;
  std::vector<double> nu_;
  Drawing drawing_;
  std::uint64_t attempts_ = 0, survivors_ = 0;
  std::vector<std::vector<double>> waiting_;  // [column]: survivors not yet handed out
  std::size_t taken_ = 0;                     // of them
};

/// n records at theta, a point of experiment.measured(); `sampler` stands at its true
/// part.
io::EventTable simulated(const Experiment& experiment,
                         const SamplerTable& sampler,
                         std::span<const double> theta,
                         Drawing drawing,
                         std::size_t n);

}  // namespace femto
