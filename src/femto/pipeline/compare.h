// Several objectives on the same data: estimates, predicted errors, floors and cost.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "femto/pipeline/plan.h"
#include "femto/pipeline/solver.h"

namespace femto {

/// One objective of a comparison and what solves it.
struct Contender {
  std::string label;  // as asked for
  std::unique_ptr<Objective> objective;
  std::unique_ptr<Solver> solver;  // null: the plan's
};

/// "likelihood:form=binned,bins=50,mmd" -> "likelihood:form=binned,bins=50", "mmd": a
/// part with '=' and no ':' before it goes on with the settings of the objective before
/// it.
std::vector<std::string> split_objectives(std::string_view list);

/// The objective of one label, with the plan's settings where it is the plan's own and
/// none are given, and a solver that can minimise it: the plan's, or fisher_scoring.
/// Throws Error, or ConfigError for unknown names and settings.
Contender contender(const std::string& label, const Plan& plan, const Registry& registry);

struct CompareOptions {
  int toys = 0;
  std::function<void(const std::string& what, double fraction)> progress;
  std::function<void(const std::string&)> warn;  // e.g. that a rank was lost
  exchange::Communicator* group = nullptr;       // ranks that share the toys
};

/// One quantity under one objective. Errors are of the data's size; those of toys are of
/// toys with as many records, at the point that toys are drawn from.
struct ComparedQuantity {
  std::string name;
  double value = 0;
  std::optional<double> std, floor, truth, residual_in_floors;
  std::optional<double> toy_sd, toy_predicted;
  std::optional<double> toy_mean;  // of estimate - truth
};

struct Compared {
  std::string label;
  std::string outcome;  // "converged", ...
  std::string message;
  std::vector<ComparedQuantity> quantities;  // that the data determine, free ones
  std::vector<std::string> notes;
  double wall_s = 0, cpu_s = 0;  // of fit and errors
  int toys = 0, failed = 0;      // that were fitted, and whose fit did not converge
  double toys_cpu_s = 0;
};

struct Comparison {
  std::string study;
  std::uint64_t records = 0, seed = 0;
  bool truth_known = false;  // else toys are drawn from the first estimate
  std::vector<Compared> objectives;
};

/// Fits each objective to the same data, with errors by Fisher or sandwich; with toys
/// also fits those, the same for all objectives. `density` is of plan.fitted(). An
/// objective that fails is kept with its message. Called by all ranks of the group: rank
/// 0 fits the data, which the others need not have, and returns the comparison; toys are
/// the same for any number of ranks, their CPU time is that of rank 0.
Comparison compare(const Plan& plan,
                   const Density& density,
                   const Dataset& data,
                   const std::vector<Contender>& contenders,
                   const CompareOptions& options);

nlohmann::ordered_json to_json(const Comparison& comparison);

/// Standard error of a ratio sd / prediction from this many normal toys.
double ratio_error(double ratio, int toys);

}  // namespace femto
