// The parameters of a fit as a study wants them.
#pragma once
#include <vector>

#include "femto/pipeline/theory.h"

namespace femto {

/// Parameters as the study wants them: the theory's, with box, start and fixed values
/// edited.
struct ParameterSetup {
  std::vector<Parameter> parameters;  // [parameter]
  std::vector<bool> fixed;            // [parameter]; fixed ones stay at `start`
};

}  // namespace femto
