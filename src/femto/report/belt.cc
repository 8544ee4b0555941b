// Intervals by toys in a table.
#include "femto/report/html.h"
#include "femto/report/numbers.h"
#include "femto/report/sections.h"

namespace femto::report {

using nlohmann::json;

namespace {

std::string interval_text(const json& interval) {
  const auto lo = number_at(interval, "lo"), hi = number_at(interval, "hi");
  if (!lo || !hi) return "–";
  const auto open = [&](const char* key) {
    return at(interval, key).is_boolean() && at(interval, key).get<bool>();
  };
  return std::string(open("lo_open") ? "box edge " : "") + shown(lo, 4) + " … " +
         shown(hi, 4) + (open("hi_open") ? " box edge" : "");
}

}  // namespace

std::string belt_text(const Record& record) {
  const json& found = at(record.result, "feldman_cousins");
  if (!found.is_array() || found.empty()) return {};
  std::vector<std::vector<std::string>> rows;
  for (const json& q : found)
    rows.push_back({text_at(q, "name"),
                    interval_text(at(q, "interval68")),
                    interval_text(at(q, "interval95")),
                    shown(number_at(q, "toys"), 6)});
  return paragraph(
             "Intervals of Feldman and Cousins: the values at which the data fit as well "
             "as toys drawn there do. They cover at bounds and between several minima, "
             "where profile intervals may not.") +
         table({"quantity", "68 %", "95 %", "toys"}, rows);
}

}  // namespace femto::report
