// What a run folder holds, as the figures and tables of the report read it.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "femto/io/arrays.h"

namespace femto::report {

/// One run folder in memory. Parts that are missing are empty; parts that cannot be read
/// are empty and named in `problems`.
struct Record {
  std::filesystem::path folder;
  std::string name;      // of the study, or of the folder
  std::string study;     // study.yaml as given
  std::string resolved;  // resolved.yaml
  nlohmann::json manifest, status, result;
  std::vector<nlohmann::json> metrics;  // lines of metrics.jsonl
  std::map<std::string, io::Array> arrays;
  std::vector<std::string> problems;

  const io::Array* array(const std::string& array_name) const;

  /// Names x for which an array "<prefix>/x/..." exists, in order.
  std::vector<std::string> groups(const std::string& prefix) const;
};

/// Throws Error if `folder` does not exist or holds no file of a run.
Record read_record(const std::filesystem::path& folder);

/// The number under `key`, if there is a finite one.
std::optional<double> number_at(const nlohmann::json& object, const std::string& key);

/// The text under `key`; empty if there is none.
std::string text_at(const nlohmann::json& object, const std::string& key);

/// The value under `key`; null if there is none.
const nlohmann::json& at(const nlohmann::json& object, const std::string& key);

/// One parameter of result.json as a number-safe struct.
struct Parameter {
  std::string name, unit, about, method;
  bool identified = true;
  bool derived = false;
  std::optional<double> value, std, floor, truth, pull, low68, high68, low95, high95;
};

/// "parameters" and then "derived" of result.json.
std::vector<Parameter> parameters(const Record& record);

/// "done", "running", "failed", "interrupted", or "unknown".
std::string state(const Record& record);

}  // namespace femto::report
