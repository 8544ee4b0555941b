// The search of the second-order solvers: several starts on a summary, the best polished.
#pragma once
#include <string>

#include "femto/pipeline/solver.h"
#include "femto/stats/minimise.h"

namespace femto {

struct SearchSettings {
  int starts = 8;
  double tolerance = 1e-10;  // on the predicted decrease of the value
  int max_iterations = 200;
  stats::Model model = stats::Model::scoring;
};

/// What stands against these solvers beside the objective; empty = nothing.
std::string search_objection(const Objective& objective);

/// Minimises the task's objective plus its side terms in the box of the setup. The first
/// start is the setup's, the others are random points of the box, keyed by (seed,
/// member). All are run on a coarsely binned likelihood of the data when the events are
/// in memory (else on the objective itself); the best, and any that comes close, on the
/// objective. The result does not depend on the number of threads.
Fit search(const Task& task, const SearchSettings& settings, Monitor& monitor);

}  // namespace femto
