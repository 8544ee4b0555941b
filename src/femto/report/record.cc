// Reads the files of a run folder and forgives the ones that are missing.
#include "femto/report/record.h"

#include <cmath>
#include <set>
#include <sstream>

#include <fmt/core.h>

#include "femto/core/error.h"
#include "femto/core/files.h"

namespace femto::report {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

std::string text_of(const fs::path& file) {
  return fs::exists(file) ? read_file(file) : std::string{};
}

json json_of(const fs::path& file, std::vector<std::string>& problems) {
  if (!fs::exists(file)) return {};
  json value = json::parse(read_file(file), nullptr, false);
  if (!value.is_discarded()) return value;
  problems.push_back(
      fmt::format("{} is damaged and was left out", file.filename().string()));
  return {};
}

std::vector<json> lines_of(const fs::path& file, std::vector<std::string>& problems) {
  std::vector<json> rows;
  std::istringstream text(text_of(file));
  std::size_t broken = 0;
  for (std::string line; std::getline(text, line);) {
    if (line.empty()) continue;
    json row = json::parse(line, nullptr, false);
    if (row.is_object()) {
      rows.push_back(std::move(row));
    } else {
      ++broken;
    }
  }
  if (broken > 0)
    problems.push_back(
        fmt::format("{}: {} broken line(s) left out", file.filename().string(), broken));
  return rows;
}

std::map<std::string, io::Array> arrays_of(const fs::path& file,
                                           std::vector<std::string>& problems) {
  std::map<std::string, io::Array> arrays;
  if (!fs::exists(file)) return arrays;
  try {
    for (auto& array : io::read_arrays(file))
      arrays.emplace(array.name, std::move(array));
  } catch (const Error& error) {
    problems.push_back(
        fmt::format("{} was left out: {}", file.filename().string(), error.what()));
  }
  return arrays;
}

bool is_run_folder(const fs::path& folder) {
  for (const char* name : {"status.json", "result.json", "manifest.json", "study.yaml"}) {
    if (fs::exists(folder / name)) return true;
  }
  return false;
}

Parameter parameter_of(const json& row, bool derived) {
  Parameter p;
  p.name = text_at(row, "name");
  p.unit = text_at(row, "unit");
  p.about = text_at(row, "about");
  p.method = text_at(row, "interval_method");
  p.derived = derived;
  p.identified = !at(row, "identified").is_boolean() || at(row, "identified").get<bool>();
  p.value = number_at(row, "value");
  p.std = number_at(row, "std");
  p.floor = number_at(row, "crb");
  p.truth = number_at(row, "truth");
  p.pull = number_at(row, "pull");
  if (!p.pull && p.truth && p.value && p.std && *p.std > 0)
    p.pull = (*p.value - *p.truth) / *p.std;
  const auto interval = [&](const char* key, auto& low, auto& high) {
    const json& pair = at(row, key);
    if (!pair.is_array() || pair.size() != 2) return;
    if (pair[0].is_number()) low = pair[0].get<double>();
    if (pair[1].is_number()) high = pair[1].get<double>();
  };
  interval("interval68", p.low68, p.high68);
  interval("interval95", p.low95, p.high95);
  return p;
}

std::string name_of(const Record& record) {
  for (const json* part : {&record.result, &record.status, &record.manifest}) {
    if (const std::string name = text_at(*part, "study"); !name.empty()) return name;
  }
  return fs::absolute(record.folder).lexically_normal().filename().string();
}

}  // namespace

const io::Array* Record::array(const std::string& array_name) const {
  const auto found = arrays.find(array_name);
  return found == arrays.end() ? nullptr : &found->second;
}

std::vector<std::string> Record::groups(const std::string& prefix) const {
  std::set<std::string> names;
  for (const auto& [key, _] : arrays) {
    if (!key.starts_with(prefix + "/")) continue;
    const auto end = key.rfind('/');
    if (end > prefix.size())
      names.insert(key.substr(prefix.size() + 1, end - prefix.size() - 1));
  }
  return {names.begin(), names.end()};
}

Record read_record(const fs::path& folder) {
  if (!fs::is_directory(folder))
    throw Error(fmt::format("there is no run folder '{}'", folder.string()),
                "give the folder that `femto run` printed");
  if (!is_run_folder(folder))
    throw Error(fmt::format("'{}' is not a run folder (it holds no status.json, "
                            "result.json, manifest.json or study.yaml)",
                            folder.string()),
                "give the folder that `femto run` printed");
  Record r;
  r.folder = folder;
  r.study = text_of(folder / "study.yaml");
  r.resolved = text_of(folder / "resolved.yaml");
  r.manifest = json_of(folder / "manifest.json", r.problems);
  r.status = json_of(folder / "status.json", r.problems);
  r.result = json_of(folder / "result.json", r.problems);
  r.metrics = lines_of(folder / "metrics.jsonl", r.problems);
  r.arrays = arrays_of(folder / "arrays.h5", r.problems);
  r.name = name_of(r);
  return r;
}

const json& at(const json& object, const std::string& key) {
  static const json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

std::optional<double> number_at(const json& object, const std::string& key) {
  const json& value = at(object, key);
  if (!value.is_number()) return std::nullopt;
  const double x = value.get<double>();
  return std::isfinite(x) ? std::optional(x) : std::nullopt;
}

std::string text_at(const json& object, const std::string& key) {
  const json& value = at(object, key);
  return value.is_string() ? value.get<std::string>() : std::string{};
}

std::vector<Parameter> parameters(const Record& record) {
  std::vector<Parameter> all;
  for (const char* list : {"parameters", "derived"}) {
    const json& rows = at(record.result, list);
    if (!rows.is_array()) continue;
    for (const json& row : rows)
      all.push_back(parameter_of(row, std::string_view(list) == "derived"));
  }
  return all;
}

std::string state(const Record& record) {
  for (const json* part : {&record.status, &record.result}) {
    if (const std::string s = text_at(*part, "status"); !s.empty()) return s;
  }
  return "unknown";
}

}  // namespace femto::report
