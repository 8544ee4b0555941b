// Binds a detector to its theory once.
#include "femto/pipeline/experiment.h"

#include "femto/core/error.h"

namespace femto {

Experiment::Experiment(const Theory& truth, const Detector& detector)
    : truth_(truth),
      instrument_(detector.on(truth)),
      measured_(instrument_->measured()) {}

std::span<const double> Experiment::true_part(std::span<const double> theta) const {
  expect(theta.size() == measured().parameters().size(), "one value per parameter");
  return theta.first(truth_.parameters().size());
}

std::span<const double> Experiment::nuisance_part(std::span<const double> theta) const {
  expect(theta.size() == measured().parameters().size(), "one value per parameter");
  return theta.subspan(truth_.parameters().size());
}

}  // namespace femto
