// Limited-memory quasi-Newton search from several starts, without curvature of the
// objective.
#include "femto/config/registry.h"
#include "femto/pipeline/search_solver.h"

namespace femto {

void register_solver_lbfgs(Registry& r) {
  r.add<Solver, SearchSolver<stats::Model::lbfgs>>({
      .name = "lbfgs",
      .summary = "Quasi-Newton steps from gradients alone, exact bounds, several starts.",
      .source = "Byrd:1995",
  });
}

}  // namespace femto
