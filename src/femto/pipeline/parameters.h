// The parameters of a run: the theory's, with the changes the study makes.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "femto/pipeline/plan.h"

namespace femto {

/// Fills `setup` and `truth` of a plan from its study; problems go to `issues`.
void set_parameters(Plan& plan, std::vector<config::Issue>& issues);

/// Adds the study's constraints, the theory's prior and what is known of the detector's
/// nuisance parameters to the side information of a plan; problems go to `issues`.
void set_constraints(Plan& plan, std::vector<config::Issue>& issues);

/// "N_u=2.5" in parts. Throws Error if it is not a name and a finite number.
std::pair<std::string, double> named_value(const std::string& assignment);

/// Values of all parameters: those given by name, the others from `rest` [parameter].
/// Throws Error for a name that no parameter has.
std::vector<double> parameter_values(const Theory& theory,
                                     const std::vector<std::string>& assignments,
                                     const std::vector<double>& rest);

}  // namespace femto
