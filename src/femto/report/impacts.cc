// What nuisance parameters do to the errors, in a table.
#include <fmt/core.h>

#include "femto/report/html.h"
#include "femto/report/numbers.h"
#include "femto/report/sections.h"

namespace femto::report {

using nlohmann::json;

std::string impacts_text(const Record& record) {
  const json& found = at(record.result, "impacts");
  if (!found.is_object()) return {};
  std::vector<std::vector<std::string>> rows;
  for (const json& q : at(found, "quantities"))
    rows.push_back({text_at(q, "name"),
                    shown(number_at(q, "std"), 3),
                    shown(number_at(q, "statistical"), 3),
                    shown(number_at(q, "systematic"), 3)});
  std::string html = paragraph(
      "The parabolic error of every parameter, what it would be with all nuisance "
      "parameters known exactly (statistical), and what they add in squares "
      "(systematic).");
  html += table({"parameter", "error", "statistical", "systematic"}, rows);
  rows.clear();
  for (const json& n : at(found, "nuisances")) {
    const auto value = number_at(n, "value"), std = number_at(n, "std");
    const auto known = number_at(n, "known"), known_std = number_at(n, "known_std");
    rows.push_back({text_at(n, "name"),
                    value && std ? shown_with_error(*value, *std) : "–",
                    known && known_std ? shown_with_error(*known, *known_std) : "nothing",
                    shown(number_at(n, "pull"), 2),
                    shown(number_at(n, "constraint"), 2)});
  }
  return html + table({"nuisance parameter",
                       "fitted",
                       "known before",
                       "pull",
                       "fitted / known error"},
                      rows);
}

}  // namespace femto::report
