// Toy data, gradients by differences and tasks, for tests of objectives and solvers.
#pragma once
#include <cmath>
#include <cstdlib>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tests/support/build.h"

#include "femto/io/events.h"
#include "femto/pipeline/objective.h"
#include "femto/pipeline/simulate.h"
#include "femto/pipeline/solver.h"

namespace femto::testing {

inline io::EventTable empty_table(const Theory& theory,
                                  std::size_t rows,
                                  io::Weighted weighted = io::Weighted::no) {
  std::vector<io::Column> columns;
  for (const auto& name : columns_of(theory)) columns.push_back({name, "1"});
  return io::EventTable(columns, rows, weighted);
}

/// `rows` records drawn from the theory at theta.
inline io::EventTable toy(const Theory& theory,
                          std::span<const double> theta,
                          std::size_t rows,
                          std::uint64_t seed = 1) {
  const auto sampler = build<Sampler>("inverse_cdf");
  const auto detector = build<Detector>("identity");
  const auto plan = sampler->plan(theory);
  auto table = empty_table(theory, rows);
  std::vector<double*> columns;
  for (std::size_t c = 0; c < table.columns().size(); ++c)
    columns.push_back(table.column(c).data());
  const Experiment experiment(theory, *detector);
  Simulation(experiment, *plan->at(theta), {}, {seed, 0}).next(rows, columns);
  return table;
}

/// The event file of this name that ships with the studies.
inline Dataset shipped(const Theory& theory, const std::string& name) {
  const char* root = std::getenv("FEMTO_SOURCE_DIR");
  io::ReadOptions options;
  options.expected_columns = columns_of(theory);
  return Dataset(
      io::load_events(std::string(root ? root : ".") + "/studies/data/" + name, options));
}

/// Fourth-order central differences of a function with step h.
inline std::vector<double> differences(
    const std::function<double(std::span<const double>)>& f,
    const std::vector<double>& x,
    double h) {
  std::vector<double> out;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const auto at = [&](double steps) {
      auto moved = x;
      moved[k] += steps * h;
      return f(moved);
    };
    out.push_back((8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h));
  }
  return out;
}

/// Owns everything that a task refers to.
struct Problem {
  std::unique_ptr<Theory> theory;
  Density density;
  Dataset data;
  std::unique_ptr<Objective> objective;
  SideInformation side;
  ParameterSetup setup;
  std::unique_ptr<Sampler> sampler = build<Sampler>("inverse_cdf");
  Experiment experiment{*theory, *build<Detector>("identity")};
  Weighting weighting;

  Problem(std::unique_ptr<Theory> t,
          std::function<Dataset(const Theory&)> make_data,
          const std::string& objective_yaml)
      : theory(std::move(t)),
        density(*theory),
        data(make_data(*theory)),
        objective(build<Objective>(objective_yaml)),
        setup{theory->parameters(),
              std::vector<bool>(theory->parameters().size(), false)} {}

  Task task(std::uint64_t seed = 1) const {
    return {*theory,
            density,
            *sampler,
            experiment,
            *objective,
            nullptr,
            data,
            side,
            setup,
            weighting,
            seed,
            0};
  }

  Fit solve(const std::string& solver = "fisher_scoring") const {
    SilentMonitor monitor;
    return build<Solver>(solver)->solve(task(), monitor);
  }
};

}  // namespace femto::testing
