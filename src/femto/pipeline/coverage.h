// Toys: how often intervals contain the truth they were made from.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "femto/pipeline/inference.h"
#include "femto/pipeline/toys.h"

namespace femto {

struct CoverageOptions {
  int toys = 100;
  std::uint64_t records = 0;  // per toy
  std::vector<double> truth;  // [parameter]
  std::uint64_t seed = 1;
  InferenceOptions inference;
  std::function<void(int done)> progress;        // one call at a time
  std::function<void(const std::string&)> warn;  // e.g. that a rank was lost
  exchange::Communicator* group = nullptr;       // ranks that share the toys
};

/// One quantity, one interval method, one level. Failed toys count as outside.
struct CoverageRow {
  std::string name, method;
  double level = 0;
  int inside = 0, toys = 0;
  double fraction = 0;
  double binomial_error = 0;  // of the fraction, if the level is the true coverage
};

/// Pulls (estimate - truth) / Fisher error of one quantity over the toys that were
/// fitted, and the spread of the estimates in units of the floor at the truth.
struct PullRow {
  std::string name;
  double mean = 0, mean_error = 0, width = 0, width_error = 0, sd_over_floor = 0;
};

struct Coverage {
  std::vector<CoverageRow> rows;
  std::vector<PullRow> pulls;
  int toys = 0;
  int failed = 0;                     // toys whose fit did not converge
  int untrusted = 0;                  // toys whose chains disagree or hardly move
  std::vector<std::string> failures;  // the reasons of the first few
};

/// Toys from one truth: every interval that `run_toys` makes of every identified
/// parameter and derived quantity. Called by all ranks of the group; the coverage is that
/// of rank 0, the others return nothing.
Coverage cover(const Task& task, const Solver& solver, const CoverageOptions& options);

/// The same counts of toys that were made elsewhere, each with a truth of its own.
Coverage tabulate(const std::vector<Toy>& toys, const ToyQuantities& wanted);

nlohmann::ordered_json to_json(const Coverage& coverage);

}  // namespace femto
