// A theory that brings a prior on its parameters, such as a Gaussian process of
// functions.
#pragma once
#include <vector>

#include "femto/pipeline/constraints.h"
#include "femto/pipeline/theory.h"

namespace femto {

/// What a theory may be beside a Theory: its parameters are too many for data alone, and
/// these terms join every objective. They are no data: whoever reports what is known says
/// which part of it they are (pipeline/origin.h).
class HasPrior {
 public:
  virtual ~HasPrior() = default;

  /// Indices of the theory's parameters; empty for settings that need none.
  virtual std::vector<Constraint> prior() const = 0;
};

/// The prior of a theory; empty if it brings none.
std::vector<Constraint> prior_of(const Theory& theory);

}  // namespace femto
