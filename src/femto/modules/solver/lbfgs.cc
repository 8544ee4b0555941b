// Limited-memory quasi-Newton search from several starts, without curvature of the
// objective.
#include "femto/config/registry.h"
#include "femto/pipeline/search.h"

namespace femto {
namespace {

using config::field;

class Lbfgs final : public Solver {
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

  explicit Lbfgs(Config config) : config_(config) {}

  std::string objection(const Objective& objective, const Generator*) const override {
    return search_objection(objective);
  }

  Fit solve(const Task& task, Monitor& monitor) const override {
    return search(
        task,
        {config_.starts, config_.tolerance, config_.max_iterations, stats::Model::lbfgs},
        monitor);
  }

 private:
  Config config_;
};

}  // namespace

void register_solver_lbfgs(Registry& r) {
  r.add<Solver, Lbfgs>({
      .name = "lbfgs",
      .summary = "Quasi-Newton steps from gradients alone, exact bounds, several starts.",
      .source = "Byrd:1995",
  });
}

}  // namespace femto
