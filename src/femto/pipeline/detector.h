// What a detector is: true events become measured ones.
#pragma once
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "femto/pipeline/sampler.h"

namespace femto {

/// A parameter of the detector with what is known of it from elsewhere: a Gaussian around
/// its start. Infinite sd: nothing is known.
struct Nuisance {
  Parameter parameter;
  double sd = std::numeric_limits<double>::infinity();
};

/// The share of the records that reach a stage of a detector and leave it.
struct Survival {
  std::string stage;
  double kept = 1;
};

/// A detector at work on the events of one theory. Const and thread-safe.
class Instrument {
 public:
  virtual ~Instrument() = default;

  /// Channels of the measured events; a record has the columns of all in order.
  virtual const std::vector<Channel>& channels() const = 0;

  virtual const std::vector<Nuisance>& nuisances() const = 0;

  /// True if measured = true, so that the theory's own density is the measured density.
  virtual bool is_identity() const = 0;

  /// True if it may lose events.
  virtual bool loses() const = 0;

  /// Smears n records in place at nuisance parameters nu: record[column][n]. survival[n]
  /// receives the probability that each is kept; null where the caller keeps them all.
  virtual void apply(const Draw& which,
                     std::span<const double> nu,
                     std::size_t n,
                     double* const* record,
                     double* survival) const = 0;

  /// Turns dL/d(measured) into dL/d(true) in place; `truth` are the records before apply.
  virtual void backward(const Draw& which,
                        std::span<const double> nu,
                        std::size_t n,
                        const double* const* truth,
                        double* const* upstream) const = 0;

  /// Densities of the measured events as a theory whose parameters are the true theory's,
  /// then the nuisance parameters; null if they are the true ones.
  virtual std::unique_ptr<Theory> measured() const = 0;

  /// measured() as it would be with other simulated samples of the same size: those that
  /// it was made from (responses, backgrounds), drawn anew from themselves. Null if there
  /// are none. Lives on its own, but refers to the theory.
  virtual std::shared_ptr<const Theory> resampled(const random::Stream&) const {
    return {};
  }

  /// Stages that lose events, in order, at a point of the measured theory; empty if
  /// there are none.
  virtual std::vector<Survival> survival(std::span<const double>) const { return {}; }
};

class Detector {
 public:
  static constexpr std::string_view kind = "detector";
  virtual ~Detector() = default;

  /// The theory must outlive the instrument. Throws Error if they do not fit.
  virtual std::unique_ptr<Instrument> on(const Theory& theory) const = 0;
};

/// What every stage keeps, and all together, in a sentence.
std::string words(const std::vector<Survival>& survival);

/// Nuisance parameters at their nominal values.
std::vector<double> nominal(const Instrument& instrument);

}  // namespace femto
