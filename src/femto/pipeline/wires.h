// Whether the components of a study fit together.
#pragma once
#include <string>
#include <vector>

#include "femto/pipeline/plan.h"

namespace femto {

/// One line per component, in the order in which events flow.
std::vector<Wire> wires_of(const Plan& plan);

/// What does not fit, each pointing at the setting to change.
std::vector<config::Issue> wire_issues(const Plan& plan);

/// The wires as an aligned table with a header line.
std::string wire_table(const std::vector<Wire>& wires);

}  // namespace femto
