// A whole unfolding: samples, checks, iterations, errors, and the folder they fill.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "femto/pipeline/journal.h"
#include "femto/pipeline/plan.h"
#include "femto/pipeline/run_folder.h"
#include "femto/pipeline/unfold_study.h"

namespace femto {

/// A study of `femto unfold` that has been read and built.
struct UnfoldPlan {
  std::filesystem::path file;
  std::string text;  // as given
  config::Origin origin;
  std::vector<config::Issue> warnings;
  UnfoldStudy study;
  std::unique_ptr<SampleSource> data, simulation;
  std::unique_ptr<RatioEstimator> ratio, truth_ratio;  // truth_ratio null: as ratio
  std::string resolved;                                // with every value
};

/// Throws ConfigError with every problem of the study.
UnfoldPlan make_unfold_plan(const PlanRequest& request, Components& components);

/// What an unfolding found, before it is written.
struct Unfolded {
  PairedEvents simulation, data;
  UnfoldingOptions options;
  Unfolding result;
  Replicas replicas;
  std::vector<std::string> notes;
};

/// Reads the samples, checks them, iterates and resamples. `history` receives the lines
/// of metrics.jsonl. Throws DataError or NumericalError.
Unfolded unfold_events(
    const UnfoldPlan& plan,
    const Audience& audience,
    const std::function<void(const nlohmann::ordered_json& line)>& history);

/// Content of result.json but for the timing.
nlohmann::ordered_json unfold_json(const UnfoldPlan& plan, const Unfolded& found);

/// Content of arrays.h5: weights, bins, covariance, histograms.
std::vector<io::Array> unfold_arrays(const UnfoldPlan& plan, const Unfolded& found);

/// Fills the folder: study.yaml, resolved.yaml, manifest.json, status.json,
/// metrics.jsonl, result.json, arrays.h5. Returns result.json. A failure is recorded in
/// status.json and thrown again.
nlohmann::ordered_json run_unfolding(const UnfoldPlan& plan,
                                     const std::filesystem::path& folder,
                                     ExistingRun existing,
                                     const std::vector<std::string>& argv,
                                     const Audience& audience);

}  // namespace femto
