// What a solver is: an inverse problem becomes an estimate.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "femto/pipeline/dataset.h"
#include "femto/pipeline/density.h"
#include "femto/pipeline/experiment.h"
#include "femto/pipeline/generator.h"
#include "femto/pipeline/monitor.h"
#include "femto/pipeline/objective.h"
#include "femto/pipeline/parameter_setup.h"
#include "femto/pipeline/sampler.h"
#include "femto/pipeline/team.h"

namespace femto {

/// Everything a solver works on. References outlive the solve.
struct Task {
  const Theory& theory;  // of measured events
  const Density& density;
  const Sampler& sampler;  // of true events
  const Experiment& experiment;
  const Objective& objective;
  const Generator* generator = nullptr;  // null when the study has none
  const Dataset& data;
  const SideInformation& side;
  const ParameterSetup& setup;
  Weighting weighting;
  std::uint64_t seed = 0;      // of the study
  std::uint64_t member = 0;    // ensemble member; keys streams as replica
  const Team* team = nullptr;  // ranks that solve it together; null: this one alone
};

enum class Outcome { converged, stopped, diverged };

struct Fit {
  std::vector<double> theta;  // [parameter]
  Outcome outcome = Outcome::converged;
  double value = 0;     // of the objective at theta
  std::string message;  // why it ended, in words
  std::uint64_t iterations = 0;
  std::uint64_t simulated = 0;  // events drawn in all
  std::vector<std::vector<double>>
      cloud;                   // [draw][parameter] generator output; not a posterior
  std::vector<bool> at_bound;  // [parameter]; empty = none
};

class Solver {
 public:
  static constexpr std::string_view kind = "solver";
  virtual ~Solver() = default;

  /// What must be configured beside it; empty string = fine. Called before anything
  /// expensive. e.g. "needs an objective that is a function of the parameters
  /// (likelihood, moments)".
  virtual std::string objection(const Objective& objective,
                                const Generator* generator) const = 0;

  /// Whether several ranks can solve one task together, by an exchange. Then solve() is
  /// called on all of them with the same task; the fit of rank 0 counts.
  virtual bool plays_together() const { return false; }

  virtual Fit solve(const Task& task, Monitor& monitor) const = 0;
};

}  // namespace femto
