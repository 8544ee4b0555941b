// One row of result.json: a value with its error, floor, intervals and truth.
#pragma once
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "femto/pipeline/intervals.h"

namespace femto {

struct ResultRow {
  std::string name, unit, about;
  Quoted quoted;
  bool identified = true;
  bool fixed = false;
  bool at_bound = false;  // the estimate itself
  double floor = 0;       // NaN where not identified
  std::optional<double> truth;
  double floor_at_truth = 0;
  std::optional<double> spread;  // of members that share the data
};

/// Numbers that are not finite become null.
nlohmann::ordered_json to_json(const ResultRow& row);

}  // namespace femto
