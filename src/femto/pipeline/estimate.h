// One estimate from the members of an ensemble.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "femto/pipeline/solver.h"

namespace femto {

/// Where the quoted errors come from.
enum class ErrorSource {
  function,   // curvature or profile of the objective
  bootstrap,  // spread of members with bootstrap weights
  nothing,    // a game played once, or members that share the data
};

struct Estimate {
  std::vector<double> theta;  // [parameter]
  ErrorSource source = ErrorSource::nothing;
  std::vector<const Fit*> used;  // members that did not diverge
  std::vector<bool> at_bound;    // [parameter], of the member chosen
  std::vector<std::string> notes;
};

/// The best member of a function (smallest value), the mean of the members of a game or
/// of a bootstrap. Throws NumericalError if every member diverged.
Estimate estimate(const Objective& objective,
                  const std::vector<Fit>& members,
                  bool bootstrapped);

}  // namespace femto
