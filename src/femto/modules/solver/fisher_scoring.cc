// Fisher scoring from several starts, with line search and L-BFGS where it stalls.
#include "femto/config/registry.h"
#include "femto/pipeline/search_solver.h"

namespace femto {

void register_solver_fisher_scoring(Registry& r) {
  r.add<Solver, SearchSolver<stats::Model::scoring>>({
      .name = "fisher_scoring",
      .summary =
          "Steps by the expected information, exact bounds, several starts; L-BFGS where it stalls.",
      .source = "Osborne:1992",
  });
}

}  // namespace femto
