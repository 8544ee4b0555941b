// A theory and the detector that looks at it.
#pragma once
#include <memory>
#include <span>
#include <vector>

#include "femto/pipeline/detector.h"

namespace femto {

/// What is true, what happens to it, and what is measured. Const and thread-safe.
class Experiment {
 public:
  /// The theory must outlive it. Throws Error if theory and detector do not fit.
  Experiment(const Theory& truth, const Detector& detector);

  /// Densities of true events; samplers draw from it.
  const Theory& truth() const { return truth_; }

  const Instrument& instrument() const { return *instrument_; }

  /// Densities of measured events; fits compare it with the data. Its parameters are the
  /// truth's, then the instrument's nuisance parameters.
  const Theory& measured() const { return measured_ ? *measured_ : truth_; }

  /// The two parts of a point of measured().
  std::span<const double> true_part(std::span<const double> theta) const;
  std::span<const double> nuisance_part(std::span<const double> theta) const;

 private:
  const Theory& truth_;
  std::unique_ptr<Instrument> instrument_;
  std::unique_ptr<Theory> measured_;
};

}  // namespace femto
