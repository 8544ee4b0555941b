// What the page says of an unfolding: its iterations, why they ended, what the weights
// are worth.
#include <fmt/core.h>

#include "femto/report/html.h"
#include "femto/report/numbers.h"
#include "femto/report/sections.h"

namespace femto::report {

using nlohmann::json;

namespace {

std::string heading(std::string key) {
  for (char& c : key)
    if (c == '_') c = ' ';
  return key;
}

std::string iterations_table(const json& rows) {
  if (!rows.is_array() || rows.empty()) return {};
  std::vector<std::string> head;
  for (const auto& [key, value] : rows[0].items()) head.push_back(heading(key));
  std::vector<std::vector<std::string>> cells;
  for (const json& row : rows) {
    auto& line = cells.emplace_back();
    for (const auto& [key, value] : row.items())
      line.push_back(shown(number_at(row, key)));
  }
  return table(head, cells);
}

}  // namespace

std::string unfolding_text(const Record& record) {
  const json& u = at(record.result, "unfolding");
  if (!u.is_object()) return {};
  const json& b = at(u, "bootstrap");
  const auto largest = number_at(u, "largest_weight");
  std::string html = facts(
      {{"unfolded", shown_value(at(u, "true_columns"))},
       {"measured", shown_value(at(u, "measured_columns"))},
       {"ratios by", text_at(u, "ratio") + ", then " + text_at(u, "truth_ratio")},
       {"stopping rule", text_at(u, "stopping")},
       {"unfolded events", shown(number_at(u, "total"), 6)},
       {"the weights are worth", shown(number_at(u, "ess"), 6) + " simulated events"},
       {"largest weight", largest ? fmt::format("{:.3g} times the mean", *largest) : ""},
       {"bootstrap",
        fmt::format("{} replicas, varying {}",
                    shown(number_at(b, "replicas")),
                    text_at(b, "vary"))}});
  html += "<details><summary>Every iteration</summary>" +
          iterations_table(at(u, "iterations")) + "</details>\n";
  return html + paragraph(
                    "Missed events have the weight of detected events at the same truth. "
                    "The number of iterations is the regulariser: few stay near the "
                    "simulation, many follow the fluctuations of the data.",
                    "small");
}

}  // namespace femto::report
