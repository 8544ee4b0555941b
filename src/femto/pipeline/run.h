// A whole run: data, identifiability, fits, inference, analyses, and the folder they
// fill.
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "femto/pipeline/journal.h"
#include "femto/pipeline/plan.h"
#include "femto/pipeline/run_folder.h"

namespace femto {

struct RunOptions {
  Audience audience;

  /// Writes report.html of a finished run; may be empty.
  std::function<void(const std::filesystem::path& folder)> report;

  /// The ranks that run the study; null: this one alone. run_study is called on rank 0,
  /// the others `assist`.
  exchange::Communicator* group = nullptr;
};

struct RunResult {
  nlohmann::ordered_json json;  // content of result.json
};

/// Makes the folder of a new run, with study.yaml, resolved.yaml and manifest.json.
RunFolder start_run(const Plan& plan,
                    const std::filesystem::path& folder,
                    ExistingRun existing,
                    const std::vector<std::string>& argv);

/// What a run folder says of itself, for going on with it.
struct EarlierRun {
  std::string status;  // of status.json; empty if there is none
  PlanRequest request;
};

/// Reads and checks the folder of an earlier run. Throws Error if its study was changed
/// or it was made by another checkpoint version.
EarlierRun earlier_run(const RunFolder& folder);

/// Throws DataError if the data are not those the run was started with.
void check_same_data(const RunFolder& folder, const Plan& plan);

/// Goes on from the newest checkpoint, or starts, and ends with result.json, arrays.h5
/// and the report; status.json says at every moment how far it is. What goes wrong is
/// recorded there and thrown again; Interrupted leaves a run that can be resumed.
RunResult run_study(const Plan& plan, const RunFolder& folder, const RunOptions& options);

}  // namespace femto
