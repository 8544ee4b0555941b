// Goodness of fit, events, timing, notes and how the run was made.
#include <algorithm>

#include <fmt/core.h>

#include "femto/report/html.h"
#include "femto/report/numbers.h"
#include "femto/report/sections.h"

namespace femto::report {

using nlohmann::json;

namespace {

using Facts = std::vector<std::pair<std::string, std::string>>;

std::string words(std::string key) {
  std::ranges::replace(key, '_', ' ');
  return key;
}

/// Every entry of an object but those in `but`, as facts.
Facts rest_of(const json& object, std::initializer_list<std::string_view> but = {}) {
  Facts rows;
  if (!object.is_object()) return rows;
  for (const auto& [key, value] : object.items()) {
    if (std::ranges::find(but, key) == but.end())
      rows.emplace_back(words(key), shown_value(value));
  }
  return rows;
}

std::string tests_table(const json& tests) {
  if (!tests.is_array() || tests.empty()) return {};
  std::vector<std::vector<std::string>> rows;
  for (const json& t : tests)
    rows.push_back({text_at(t, "name"),
                    shown(number_at(t, "statistic")),
                    shown(number_at(t, "ndf"), 6),
                    shown(number_at(t, "p_value"), 3),
                    text_at(t, "note")});
  return table({"test", "statistic", "degrees of freedom", "p-value", "note"}, rows);
}

void collect(const json& list, std::vector<std::string>& sentences) {
  if (!list.is_array()) return;
  for (const json& s : list) sentences.push_back(shown_value(s));
}

std::string data_table(const json& data) {
  if (!data.is_array() || data.empty()) return {};
  std::vector<std::vector<std::string>> rows;
  for (const json& d : data)
    rows.push_back(
        {text_at(d, "path"), shown_value(at(d, "rows")), text_at(d, "checksum")});
  return table({"data file", "rows", "checksum"}, rows);
}

std::string fold(const std::string& title, const std::string& html) {
  if (html.empty()) return {};
  return "<details><summary>" + escaped(title) + "</summary>" + html + "</details>\n";
}

}  // namespace

std::string goodness_of_fit(const Record& record) {
  const json& g = at(record.result, "goodness_of_fit");
  std::string html = tests_table(at(g, "tests")) + facts(rest_of(g, {"tests"}));
  const json& classifier = at(record.result, "classifier_test");
  if (const auto auc = number_at(classifier, "auc")) {
    const double error = number_at(classifier, "auc_error").value_or(0);
    html += paragraph(fmt::format(
        "A classifier trained to tell measured from simulated events reaches an area under "
        "the curve of {}; 0.5 means that it cannot.",
        shown_with_error(*auc, error)));
  }
  if (!html.empty())
    html += paragraph(
        "A p-value is the probability of a deviation at least this large if "
        "the model is right.",
        "small");
  return html;
}

std::string ensemble_text(const Record& record) {
  const json& e = at(record.result, "ensemble");
  if (!e.is_object()) return {};
  std::string html;
  if (const auto members = number_at(e, "members"))
    html += paragraph(
        fmt::format("{:.0f} members were solved, each reproducible alone.", *members));
  if (const auto note = text_at(e, "note"); !note.empty()) html += paragraph(note);
  const json& spread = at(e, "spread");
  if (!spread.is_object() || spread.empty()) return html;
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, value] : spread.items())
    rows.push_back({name, shown_value(value)});
  return html + table({"parameter", "spread of the members"}, rows);
}

std::string events_and_timing(const Record& record) {
  Facts rows;
  const json& events = at(record.result, "events");
  for (const auto& [key, value] : rest_of(events)) {
    const auto count = number_at(events, key);
    rows.emplace_back("records: " + key, count ? shown_count(*count) : value);
  }
  const json& timing = at(record.result, "timing");
  const auto duration = [&](const char* key, const char* title) {
    if (const auto s = number_at(timing, key))
      rows.emplace_back(title, shown_duration(*s));
  };
  duration("wall_s", "wall time");
  duration("cpu_s", "processor time");
  if (const auto bytes = number_at(timing, "peak_rss_bytes"))
    rows.emplace_back("largest memory use", shown_bytes(*bytes));
  for (auto& row : rest_of(timing, {"wall_s", "cpu_s", "peak_rss_bytes"}))
    rows.push_back(std::move(row));
  return facts(rows);
}

std::string notes(const Record& record) {
  std::vector<std::string> sentences;
  collect(at(record.result, "warnings"), sentences);
  collect(at(record.result, "notes"), sentences);
  for (const auto& problem : record.problems) sentences.push_back(problem);
  if (record.arrays.empty())
    sentences.push_back(
        "There are no curves, samples or histograms (arrays.h5 is missing or "
        "empty), so their figures are left out.");
  if (record.metrics.empty())
    sentences.push_back(
        "There is no history (metrics.jsonl is missing or empty), so the "
        "convergence figures are left out.");
  return bullets(sentences);
}

std::string metadata(const Record& record) {
  const json& m = record.manifest;
  if (!m.is_object()) return {};
  Facts rows{
      {"femto version", text_at(m, "femto_version")},
      {"revision", text_at(m, "git_revision")},
      {"started", text_at(m, "started")},
      {"command", at(m, "command").is_null() ? "" : shown_value(at(m, "command"))}};
  for (const auto& [key, value] : rest_of(at(m, "host")))
    rows.emplace_back("host " + key, value);
  for (const auto& [key, value] : rest_of(at(m, "build")))
    rows.emplace_back("build " + key, value);
  if (!at(m, "seeds").is_null()) rows.emplace_back("seeds", shown_value(at(m, "seeds")));
  for (auto& row : rest_of(m,
                           {"femto_version",
                            "git_revision",
                            "started",
                            "command",
                            "host",
                            "build",
                            "seeds",
                            "data",
                            "libraries"}))
    rows.push_back(std::move(row));
  return facts(rows) + data_table(at(m, "data")) +
         fold("Libraries", facts(rest_of(at(m, "libraries"))));
}

std::string study_files(const Record& record) {
  std::string html;
  if (!record.study.empty()) {
    html += "<h3>As given</h3>" + listing(record.study);
  }
  if (!record.resolved.empty())
    html += fold("Resolved: every value, defaults included", listing(record.resolved));
  return html;
}

}  // namespace femto::report
