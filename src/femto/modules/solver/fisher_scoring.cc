// Fisher scoring from several starts, with line search and L-BFGS where it stalls.
#include "femto/config/registry.h"
#include "femto/pipeline/search.h"

namespace femto {
namespace {

using config::field;

class FisherScoring final : public Solver {
 public:
  struct Config {
    int starts = 8;
    double tolerance = 1e-10;
    int max_iterations = 200;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::starts>(
              {.doc = "searches from different points: the first from the parameters' "
                      "start, the others from random points of the box",
               .rule = config::positive}),
          field<&Config::tolerance>(
              {.doc = "predicted decrease of the objective below which a search ends",
               .rule = config::positive}),
          field<&Config::max_iterations>(
              {.doc = "steps of one search at most", .rule = config::positive}),
      };
    }
  };

  explicit FisherScoring(Config config) : config_(config) {}

  std::string objection(const Objective& objective, const Generator*) const override {
    return search_objection(objective);
  }

  Fit solve(const Task& task, Monitor& monitor) const override {
    return search(task,
                  {config_.starts,
                   config_.tolerance,
                   config_.max_iterations,
                   stats::Model::scoring},
                  monitor);
  }

 private:
  Config config_;
};

}  // namespace

void register_solver_fisher_scoring(Registry& r) {
  r.add<Solver, FisherScoring>({
      .name = "fisher_scoring",
      .summary =
          "Steps by the expected information, exact bounds, several starts; L-BFGS where it stalls.",
      .source = "Osborne:1992",
  });
}

}  // namespace femto
