// What the page says of a posterior's draws and of calibration by toys.
#include <fmt/core.h>

#include "femto/report/html.h"
#include "femto/report/numbers.h"
#include "femto/report/sections.h"

namespace femto::report {

using nlohmann::json;

namespace {

std::string fixed(const json& object, const char* key, int digits) {
  const auto x = number_at(object, key);
  return x ? fmt::format("{:.{}f}", *x, digits) : "–";
}

std::string percent(const json& object, const char* key) {
  const auto x = number_at(object, key);
  return x ? fmt::format("{:.1f} %", 100 * *x) : "–";
}

/// Name and p-value of the test with the smallest one.
std::string worst_of(const json& tests) {
  std::string name = "–";
  double least = 2;
  for (const json& t : tests)
    if (const auto p = number_at(t, "p"); p && *p < least) {
      least = *p;
      name = fmt::format("{:.2g} ({})", *p, text_at(t, "name"));
    }
  return name;
}

/// Mean and width of PIT values; right ones have 0.5 and 1.
std::string pit_of(const json& pit) {
  if (!pit.is_object()) return "–";
  return fmt::format("{} ± {}, {} ± {}",
                     fixed(pit, "mean", 2),
                     fixed(pit, "mean_error", 2),
                     fixed(pit, "width", 2),
                     fixed(pit, "width_error", 2));
}

std::string learnt_text(const json& p) {
  std::string html = paragraph(fmt::format(
      "{} independent draws of a posterior that was learnt from {} simulated data sets{}; "
      "prior: {}.",
      fixed(p, "draws", 0),
      fixed(p, "simulations", 0),
      text_at(p, "network").empty() ? "" : " by an earlier run, " + text_at(p, "network"),
      text_at(p, "prior")));
  if (p.value("trusted", true) == false)
    html += paragraph(
        "There are warnings about these draws: see the notes. Their intervals are not to "
        "be trusted as they are.",
        "warning");
  std::vector<std::vector<std::string>> rows;
  for (const json& q : at(p, "quantities"))
    rows.push_back({text_at(q, "name"),
                    shown(number_at(q, "mean"), 5),
                    shown(number_at(q, "median"), 5)});
  html += table({"quantity", "mean", "median"}, rows);
  std::vector<std::pair<std::string, std::string>> list = {
      {"distance of the data from the simulations' centre, farthest simulation 1",
       fixed(p, "strangeness", 2)},
      {"held, since not determined", shown_value(at(p, "held"))}};
  if (p.value("corrected", false)) {
    list.emplace_back("draws worth, weighted by the likelihood", fixed(p, "ess", 0));
    list.emplace_back("Pareto k of the weights", fixed(p, "pareto_k", 2));
    list.emplace_back("largest weight", percent(p, "largest_weight"));
  }
  return html + facts(list) +
         paragraph(
             p.value("corrected", false)
                 ? "What the network missed is repaired by weights: likelihood over "
                   "the density that a draw came from. Pareto k above 0.7 says that "
                   "they cannot."
                 : "Nothing has repaired what the network missed; a calibration "
                   "(femto calibrate) tells.",
             "small");
}

}  // namespace

std::string posterior_text(const Record& record) {
  const json& p = at(record.result, "posterior");
  if (!p.is_object()) return {};
  if (p.value("amortised", false)) return learnt_text(p);
  std::string html = paragraph(
      fmt::format("{} chains of {} draws each after {} iterations of warm-up; prior: {}.",
                  fixed(p, "chains", 0),
                  fixed(p, "draws", 0),
                  fixed(p, "warmup", 0),
                  text_at(p, "prior")));
  if (p.value("trusted", true) == false)
    html += paragraph(
        "The sampler warns about these draws: see the notes. Their intervals are not to be "
        "trusted as they are.",
        "warning");
  std::vector<std::vector<std::string>> rows;
  for (const json& q : at(p, "quantities"))
    rows.push_back({text_at(q, "name"),
                    shown(number_at(q, "mean"), 5),
                    shown(number_at(q, "median"), 5),
                    fixed(q, "rhat", 4),
                    fixed(q, "ess_bulk", 0),
                    fixed(q, "ess_tail", 0)});
  html += table({"quantity", "mean", "median", "R-hat", "ESS bulk", "ESS tail"}, rows);
  const json& timing = at(record.result, "timing");
  html += facts({{"independent draws per second", fixed(timing, "ess_per_s", 1)},
                 {"acceptance", fixed(p, "acceptance", 3)},
                 {"divergent trajectories", fixed(p, "divergences", 0)},
                 {"BFMI of the worst chain", fixed(p, "bfmi", 2)},
                 {"held, since not determined", shown_value(at(p, "held"))}});
  return html + paragraph(
                    "R-hat compares the chains with each other and should be below 1.01; "
                    "ESS is the number of independent draws that they are worth, for the "
                    "bulk and for the tails, and should be above 400.",
                    "small");
}

std::string calibration_text(const Record& record) {
  const json& c = at(record.result, "calibration");
  if (!c.is_object()) return {};
  const bool good = text_at(c, "verdict") == "calibrated";
  std::string html = paragraph(
      fmt::format(
          "The {} intervals of this study are {}: {} toys of {} records with truths "
          "from {} were fitted the same way.",
          text_at(c, "method"),
          text_at(c, "verdict"),
          fixed(c, "toys", 0),
          fixed(c, "records", 0),
          text_at(c, "truths") == "prior" ? "the prior" : "near the study's truth"),
      good ? "" : "warning");
  std::vector<std::vector<std::string>> rows;
  for (const json& q : at(c, "quantities"))
    rows.push_back({text_at(q, "name"),
                    percent(q, "covered68"),
                    percent(q, "covered95"),
                    pit_of(at(q, "pit")),
                    worst_of(at(q, "tests")),
                    text_at(q, "verdict")});
  if (const json& joint = at(c, "joint"); joint.is_object())
    rows.push_back({"all together",
                    "–",
                    "–",
                    "–",
                    fmt::format("{} (distances)", shown(number_at(joint, "p"), 2)),
                    text_at(joint, "verdict")});
  const json& local = at(c, "local");
  for (const auto& [key, name] :
       {std::pair{"everywhere", "all together, at all data (L-C2ST)"},
        std::pair{"at_data", "all together, at these data (L-C2ST)"}})
    if (const json& test = at(local, key); test.is_object()) {
      const auto p = number_at(test, "p"), limit = number_at(c, "p_limit");
      rows.push_back({name,
                      "–",
                      "–",
                      "–",
                      shown(p, 2),
                      p && limit && *p < *limit ? "not calibrated" : "calibrated"});
    }
  return html + table({"quantity",
                       "68 % intervals cover",
                       "95 % intervals cover",
                       "PIT: mean, width",
                       "smallest p",
                       "verdict"},
                      rows);
}

}  // namespace femto::report
