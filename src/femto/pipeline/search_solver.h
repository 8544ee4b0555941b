// The second-order solvers differ in their model of the objective alone.
#pragma once
#include <tuple>

#include "femto/config/field.h"
#include "femto/config/rule.h"
#include "femto/pipeline/search.h"

namespace femto {

struct SearchConfig {
  int starts = 8;
  double tolerance = 1e-10;
  int max_iterations = 200;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field<&SearchConfig::starts>(
            {.doc = "searches from different points: the first from the parameters' "
                    "start, the others from random points of the box",
             .rule = config::positive}),
        field<&SearchConfig::tolerance>(
            {.doc = "predicted decrease of the objective below which a search ends",
             .rule = config::positive}),
        field<&SearchConfig::max_iterations>(
            {.doc = "steps of one search at most", .rule = config::positive}),
    };
  }
};

/// Minimises the objective by `search` with this model.
template <stats::Model model>
class SearchSolver final : public Solver {
 public:
  using Config = SearchConfig;

  explicit SearchSolver(Config config) : config_(config) {}

  std::string objection(const Objective& objective, const Generator*) const override {
    return search_objection(objective);
  }

  Fit solve(const Task& task, Monitor& monitor) const override {
    return search(task,
                  {config_.starts, config_.tolerance, config_.max_iterations, model},
                  monitor);
  }

 private:
  Config config_;
};

}  // namespace femto
