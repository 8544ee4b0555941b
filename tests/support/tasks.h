// A task with everything it refers to, for tests.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/build.h"

#include "femto/pipeline/simulate.h"
#include "femto/pipeline/solver.h"

namespace femto::testing {

/// Components by name, parameters as the theory has them, events given or drawn.
struct Workshop {
  std::unique_ptr<Theory> theory;
  std::unique_ptr<Sampler> sampler = build<Sampler>("{type: inverse_cdf}");
  std::unique_ptr<Objective> objective;
  std::unique_ptr<Density> density;
  std::unique_ptr<Dataset> data;
  SideInformation side;
  ParameterSetup setup;
  Experiment experiment;

  explicit Workshop(std::unique_ptr<Theory> of,
                    const std::string& how = "{type: likelihood}")
      : theory(std::move(of)),
        objective(build<Objective>(how)),
        experiment(*theory, *build<Detector>("{type: identity}")) {
    density = std::make_unique<Density>(*theory);
    setup.parameters = theory->parameters();
    setup.fixed.assign(setup.parameters.size(), false);
  }

  io::EventTable drawn(const std::vector<double>& theta,
                       std::size_t records,
                       std::uint64_t seed) const {
    std::vector<io::Column> columns;
    for (const auto& name : columns_of(*theory)) columns.push_back({name});
    io::EventTable events(columns, records);
    std::vector<double*> out;
    for (std::size_t c = 0; c < columns.size(); ++c)
      out.push_back(events.column(c).data());
    const auto plan = sampler->plan(*theory);
    Simulation(experiment, *plan->at(theta), {}, {seed, 0}).next(records, out);
    return events;
  }

  void take(io::EventTable events) {
    data = std::make_unique<Dataset>(std::move(events));
  }

  Task task(std::uint64_t seed = 1) const {
    return {*theory,
            *density,
            *sampler,
            experiment,
            *objective,
            nullptr,
            *data,
            side,
            setup,
            {},
            seed,
            0};
  }
};

}  // namespace femto::testing
