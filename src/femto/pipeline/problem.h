// The function of the parameters that a task minimises, with its side information.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "femto/pipeline/intervals.h"
#include "femto/pipeline/solver.h"

namespace femto {

/// The box of every parameter.
std::vector<stats::Bound> box_of(const ParameterSetup& setup);

/// The objective of a task on all of its data.
std::unique_ptr<Criterion> bound(const Task& task);

/// The same with side terms. Refers to the task's theory, density and data.
stats::Function function_of(const Task& task);

/// The objective of `task` on all of its data plus side terms, settled at `theta`; null
/// functions where the objective is a game. The functions keep what they need alive but
/// refer to the task's theory, density and data.
IntervalProblem problem_of(const Task& task, std::span<const double> theta);

/// Parameters, then derived quantities, of a theory.
std::vector<Quantity> quantities_of(const Theory& theory);

/// The one of this name. Throws Error with the names there are.
Quantity named_quantity(const Theory& theory, const std::string& name);

}  // namespace femto
