// Tables that put several runs side by side.
#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "femto/config/document.h"
#include "femto/report/html.h"
#include "femto/report/numbers.h"
#include "femto/report/sections.h"

namespace femto::report {

namespace {

using Settings = std::map<std::string, std::string>;
using config::Node;

void flatten(const Node& node, const std::string& path, Settings& out) {
  if (node.type == Node::Type::map) {
    for (const auto& entry : node.map)
      flatten(entry.value, path.empty() ? entry.key : path + "." + entry.key, out);
  } else if (node.type == Node::Type::list) {
    std::string text;
    for (std::size_t i = 0; i < node.list.size(); ++i) {
      if (node.list[i].type == Node::Type::scalar) {
        text += (text.empty() ? "" : ", ") + node.list[i].scalar;
      } else {
        flatten(node.list[i], fmt::format("{}[{}]", path, i), out);
      }
    }
    if (!text.empty()) out[path] = "[" + text + "]";
  } else {
    out[path] = node.type == Node::Type::null ? "null" : node.scalar;
  }
}

Settings settings_of(const Record& record) {
  const std::string& text = record.resolved.empty() ? record.study : record.resolved;
  Settings settings;
  try {
    flatten(config::parse(text, "resolved.yaml"), "", settings);
  } catch (const Error&) {
    settings.clear();  // a damaged file differs in everything it lacks
  }
  return settings;
}

std::vector<std::string> head_with(const std::string& first,
                                   std::span<const std::string> labels) {
  std::vector<std::string> head{first};
  head.insert(head.end(), labels.begin(), labels.end());
  return head;
}

std::string measured_with_floor(const Record& record, const std::string& name) {
  for (const Parameter& p : parameters(record)) {
    if (p.name != name) continue;
    if (!p.identified) return "not determined";
    if (!p.value) return "–";
    std::string text = p.std ? shown_with_error(*p.value, *p.std) : shown(p.value, 6);
    return p.floor ? text + fmt::format(" (floor {:.2g})", *p.floor) : text;
  }
  return "–";
}

}  // namespace

std::string runs_table(std::span<const Record> records,
                       std::span<const std::string> labels) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t k = 0; k < records.size(); ++k) {
    const auto& result = records[k].result;
    const auto wall = number_at(at(result, "timing"), "wall_s");
    const auto events = number_at(at(result, "events"), "data");
    rows.push_back({labels[k],
                    records[k].name,
                    state(records[k]),
                    events ? shown_count(*events) : "–",
                    wall ? shown_duration(*wall) : "–",
                    text_at(records[k].manifest, "started"),
                    text_at(records[k].manifest, "femto_version")});
  }
  std::vector<std::string> problems;
  for (std::size_t k = 0; k < records.size(); ++k) {
    for (const auto& problem : records[k].problems)
      problems.push_back(labels[k] + ": " + problem);
  }
  return table({"run", "study", "status", "records", "wall time", "started", "version"},
               rows) +
         bullets(problems);
}

std::string parameters_side_by_side(std::span<const Record> records,
                                    std::span<const std::string> labels) {
  std::vector<std::string> names;
  std::map<std::string, double> truths;
  for (const Record& record : records) {
    for (const Parameter& p : parameters(record)) {
      if (std::ranges::find(names, p.name) == names.end()) names.push_back(p.name);
      if (p.truth) truths.emplace(p.name, *p.truth);
    }
  }
  if (names.empty()) return {};
  auto head = head_with("parameter", labels);
  if (!truths.empty()) head.push_back("truth");
  std::vector<std::vector<std::string>> rows;
  for (const auto& name : names) {
    std::vector<std::string> row{name};
    for (const Record& record : records) row.push_back(measured_with_floor(record, name));
    if (!truths.empty()) row.push_back(truths.contains(name) ? shown(truths[name]) : "–");
    rows.push_back(std::move(row));
  }
  return table(head, rows);
}

std::string differing_settings(std::span<const Record> records,
                               std::span<const std::string> labels) {
  std::vector<Settings> all;
  std::map<std::string, bool> keys;
  for (const Record& record : records) {
    all.push_back(settings_of(record));
    for (const auto& [key, _] : all.back()) keys[key] = true;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, _] : keys) {
    std::vector<std::string> row{key};
    for (const Settings& s : all) row.push_back(s.contains(key) ? s.at(key) : "–");
    if (std::any_of(
            row.begin() + 2, row.end(), [&](const auto& v) { return v != row[1]; }))
      rows.push_back(std::move(row));
  }
  if (rows.empty()) return paragraph("All settings are the same.");
  return table(head_with("setting", labels), rows);
}

}  // namespace femto::report
