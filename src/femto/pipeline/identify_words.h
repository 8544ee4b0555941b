// Identifiability in plain sentences.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "femto/pipeline/inference.h"
#include "femto/pipeline/spectrum.h"

namespace femto {

/// "0.894 N_u + 0.447 N_d".
std::string shown_combination(
    const std::vector<std::pair<std::string, double>>& combination);

/// Names joined as in "a, b and c".
std::string listed(const std::vector<std::string>& names);

/// What no number of events determines and what would; what needs many events.
std::vector<std::string> say(const Identifiability& identifiability,
                             const Spectrum& spectrum,
                             const Density& density,
                             const SideInformation& side,
                             const ParameterSetup& setup);

}  // namespace femto
