// result.json: what a run found, in the words of the contract.
#pragma once
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "femto/pipeline/inference.h"
#include "femto/pipeline/plan.h"

namespace femto {

/// What the run took.
struct Timing {
  double wall_s = 0;  // of all sessions
  double cpu_s = 0;   // of this process; earlier parts of a resumed run are not in it
  std::uint64_t peak_rss_bytes = 0;
};

/// CPU time and memory of this process so far.
Timing process_timing(double wall_s);

/// Everything that goes into result.json. All but `timing` is the same in every
/// repetition of the run.
struct RunRecord {
  const Plan& plan;
  const Dataset& data;
  const std::vector<Fit>& fits;
  const Inference& inference;
  std::vector<Findings> findings;
  std::vector<std::string> notes;
  Timing timing;
};

nlohmann::ordered_json result_json(const RunRecord& record);

}  // namespace femto
