// The table of parameters and the words at the head of the page.
#include <algorithm>
#include <limits>

#include <fmt/core.h>

#include "femto/report/html.h"
#include "femto/report/numbers.h"
#include "femto/report/sections.h"
#include "femto/report/spec.h"

namespace femto::report {

using nlohmann::json;

namespace {

std::string measured(const Parameter& p) {
  if (!p.identified) return "not determined";
  if (!p.value) return "–";
  return p.std ? shown_with_error(*p.value, *p.std) : shown(p.value, 6);
}

std::string ratio(std::optional<double> a, std::optional<double> b) {
  return a && b && *b > 0 ? fmt::format("{:.2f}", *a / *b) : "–";
}

std::vector<std::string> row_of(const Parameter& p, bool with_truth) {
  std::vector<std::string> row{with_unit(p.name, p.unit), measured(p)};
  if (p.identified) {
    row.insert(row.end(),
               {shown_interval(p.low68, p.high68),
                shown_interval(p.low95, p.high95),
                p.method.empty() ? "–" : p.method,
                shown(p.floor, 3),
                ratio(p.std, p.floor)});
  } else {
    row.insert(row.end(), {"–", "–", "–", "–", "–"});
  }
  if (with_truth) {
    row.push_back(shown(p.truth));
    row.push_back(p.identified && p.pull ? fmt::format("{:+.2f}", *p.pull) : "–");
  }
  return row;
}

std::string explanations(const std::vector<Parameter>& all) {
  std::vector<std::string> lines;
  for (const Parameter& p : all) {
    if (!p.about.empty()) lines.push_back(p.name + ": " + p.about);
  }
  if (lines.empty()) return {};
  return "<details><summary>What the names mean</summary>" + bullets(lines) +
         "</details>\n";
}

std::string undetermined_sentence(const std::vector<Parameter>& all) {
  std::vector<std::string> names;
  for (const Parameter& p : all) {
    if (!p.identified) names.push_back(p.name);
  }
  if (names.empty()) return {};
  return paragraph(fmt::format("{} {} not determined by these data, so no value and no "
                               "error is quoted; the next section says which combination "
                               "is unknown.",
                               enumerated(names),
                               names.size() == 1 ? "is" : "are"),
                   "warning");
}

std::string progress_of(const Record& record) {
  const auto progress = number_at(record.status, "progress");
  return progress ? fmt::format(" at {:.0f} %", *progress * (*progress <= 1 ? 100 : 1))
                  : "";
}

std::string reason_of(const Record& record) {
  for (const char* key : {"error", "reason", "message"}) {
    const json& value = at(record.status, key);
    if (value.is_string()) return value.get<std::string>();
    if (value.is_object()) return shown_value(value);
  }
  return "no reason was recorded";
}

/// Parameters whose values are partly those of priors, constraints or calibrations.
const json& held_parameters(const Record& record) {
  static const json none;
  const json& origin = at(at(record.result, "identifiability"), "origin");
  const double held =
      number_at(origin, "by_prior").value_or(0) + number_at(origin, "null").value_or(0);
  return held > 0 ? origin : none;
}

/// Of an image or of many parameters with a prior: their components; else the parameters
/// that are identified.
std::string determined_text(const Record& record, const std::vector<Parameter>& all) {
  const json& image = at(at(record.result, "image"), "components");
  const json& count = image.is_object() ? image : held_parameters(record);
  const auto by_data = number_at(count, "by_data"),
             by_prior = number_at(count, "by_prior"), null = number_at(count, "null");
  if (by_data && by_prior && null)
    return fmt::format(
        "Of {}, {} components are determined by data, {} mostly and {} entirely by "
        "{},",
        image.is_object() ? "the image" : "the parameters",
        shown_count(*by_data),
        shown_count(*by_prior),
        shown_count(*null),
        image.is_object() ? "the prior" : "what was known before");
  const auto determined = std::ranges::count_if(all, &Parameter::identified);
  return fmt::format("The fit determined {} of {} quantities", determined, all.size());
}

/// How the errors compare with their floors; empty if none has one.
std::string floor_sentence(const std::vector<Parameter>& all) {
  double least = std::numeric_limits<double>::infinity(), most = 0;
  for (const auto& p : all) {
    if (!p.identified || !p.std || !p.floor || !(*p.floor > 0)) continue;
    least = std::min(least, *p.std / *p.floor);
    most = std::max(most, *p.std / *p.floor);
  }
  if (most == 0) return {};
  std::string text =
      most < 1.6 ? " All errors are near the smallest that these data allow (the "
                   "Cramér–Rao floor)."
                 : " Some errors are well above the smallest that these data allow (the "
                   "Cramér–Rao floor): see the column std/floor.";
  if (least < 0.7)
    text = (most < 1.6 ? std::string() : text) +
           " Some errors are below the Cramér–Rao floor: what bounds those quantities is "
           "their box or a prior, not the data.";
  return text;
}

std::string done_sentence(const Record& record) {
  const auto all = parameters(record);
  std::string text = determined_text(record, all);
  const json& events = at(record.result, "events");
  if (const auto n = number_at(events, "data"))
    text += fmt::format(" from {} measured records", shown_count(*n));
  if (const auto wall = number_at(at(record.result, "timing"), "wall_s"))
    text += fmt::format(" in {}", shown_duration(*wall));
  text += ".";
  if (held_parameters(record).is_null()) text += floor_sentence(all);
  return text;
}

}  // namespace

std::string summary(const Record& record) {
  const std::string s = state(record);
  const std::string folder = record.folder.string();
  std::string html;
  if (s == "failed") {
    html = paragraph(
        fmt::format("This run failed{}: {}.", progress_of(record), reason_of(record)),
        "warning");
  } else if (s == "interrupted") {
    html =
        paragraph(fmt::format("This run was interrupted{}; what follows is what it had "
                              "recorded. To finish it: femto resume {}",
                              progress_of(record),
                              folder),
                  "warning");
  } else if (s == "running") {
    html = paragraph(fmt::format("This run was still going{} when the page was made.",
                                 progress_of(record)),
                     "warning");
  }
  if (!parameters(record).empty()) return html + paragraph(done_sentence(record));
  return html + paragraph(
                    "There is no result to show: result.json is missing or holds no "
                    "parameters.");
}

std::string parameter_table(const Record& record) {
  const auto all = parameters(record);
  if (all.empty()) return {};
  const bool with_truth =
      std::ranges::any_of(all, [](const Parameter& p) { return p.truth.has_value(); });
  std::vector<std::string> head{"parameter",
                                "value ± std",
                                "68 % interval",
                                "95 % interval",
                                "interval from",
                                "floor",
                                "std/floor"};
  if (with_truth) head.insert(head.end(), {"truth", "pull"});
  std::vector<std::vector<std::string>> rows;
  for (const Parameter& p : all) rows.push_back(row_of(p, with_truth));
  std::string html = undetermined_sentence(all) + table(head, rows);
  html += paragraph(
      std::string(
          held_parameters(record).is_null()
              ? "Floor: the Cramér–Rao bound, the smallest standard deviation that "
                "any unbiased method could reach with these data."
              : "Floor: the standard deviation expected of these data together "
                "with what was known before (priors, constraints, calibrations). "
                "Parameters may owe their values to the latter: see below.") +
          std::string(with_truth ? " Pull: (value − truth)/std." : ""),
      "small");
  return html + explanations(all);
}

}  // namespace femto::report
