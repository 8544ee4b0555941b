// Prints result.json for people.
#include "result_table.h"

#include <cmath>
#include <limits>

#include "terminal.h"
#include <fmt/format.h>

namespace femto::app {
namespace {

using nlohmann::ordered_json;

double number(const ordered_json& row, const char* key) {
  const auto found = row.find(key);
  return found != row.end() && found->is_number()
             ? found->get<double>()
             : std::numeric_limits<double>::quiet_NaN();
}

std::string interval(const ordered_json& row, const char* key, double error) {
  const auto found = row.find(key);
  if (found == row.end() || !found->is_array() || found->size() != 2) return "-";
  const auto end = [&](std::size_t i) {
    return (*found)[i].is_number() ? with_digits((*found)[i].get<double>(), error)
                                   : std::string("?");
  };
  return fmt::format("[{}, {}]", end(0), end(1));
}

std::vector<std::string> cells(const ordered_json& row, bool with_truth) {
  const double value = number(row, "value"), std = number(row, "std");
  const bool identified = row.value("identified", true);
  std::vector<std::string> out = {row.value("name", ""),
                                  identified ? with_digits(value, std) : "-",
                                  !identified          ? "not identified"
                                  : std::isfinite(std) ? "± " + error_text(std)
                                                       : "no error",
                                  interval(row, "interval68", std),
                                  interval(row, "interval95", std),
                                  error_text(number(row, "crb")),
                                  identified ? row.value("interval_method", "") : ""};
  if (with_truth) {
    const double truth = number(row, "truth");
    out.push_back(std::isfinite(truth) ? fmt::format("{:.6g}", truth) : "-");
  }
  return out;
}

constexpr std::size_t shown_member_notes = 5;

std::string notes_text(const ordered_json& result) {
  std::string out;
  if (const auto it = result.find("identifiability"); it != result.end())
    if (const auto words = it->find("sentences"); words != it->end())
      for (const auto& sentence : *words)
        out += "  " + sentence.get<std::string>() + "\n";
  std::size_t of_members = 0;
  if (const auto notes = result.find("notes"); notes != result.end())
    for (const auto& note : *notes) {
      const auto text = note.get<std::string>();
      if (text.starts_with("member ") && ++of_members > shown_member_notes) continue;
      out += "  " + text + "\n";
    }
  if (of_members > shown_member_notes)
    out += fmt::format("  {} more notes of members are in result.json\n",
                       of_members - shown_member_notes);
  return out;
}

}  // namespace

/// The same of an amortised posterior.
std::string learnt_text(const ordered_json& posterior) {
  Table table({"posterior of", "mean", "median"});
  for (const auto& q : posterior.at("quantities"))
    table.row({q.value("name", ""),
               fmt::format("{:.5g}", number(q, "mean")),
               fmt::format("{:.5g}", number(q, "median"))});
  const auto from = posterior.value("network", "");
  auto out = fmt::format("\n{}\nlearnt from {} simulated data sets {}; {} draws",
                         table.text(),
                         grouped(number(posterior, "simulations")),
                         from.empty() ? "in " + duration(number(posterior, "training_s"))
                                      : "by the run " + from,
                         grouped(number(posterior, "draws")));
  if (posterior.value("corrected", false))
    out += fmt::format(
        ", weighted by the likelihood: worth {:.0f} (Pareto k {:.2f}, largest weight {:.2g} %)",
        number(posterior, "ess"),
        number(posterior, "pareto_k"),
        100 * number(posterior, "largest_weight"));
  return out + "\n";
}

/// How far the draws of a posterior can be trusted; empty without one.
std::string posterior_text(const ordered_json& result) {
  const auto found = result.find("posterior");
  if (found == result.end()) return {};
  if (found->value("amortised", false)) return learnt_text(*found);
  Table table({"posterior of", "mean", "median", "R-hat", "ESS bulk", "ESS tail"});
  for (const auto& q : found->at("quantities"))
    table.row({q.value("name", ""),
               fmt::format("{:.5g}", number(q, "mean")),
               fmt::format("{:.5g}", number(q, "median")),
               fmt::format("{:.4f}", number(q, "rhat")),
               fmt::format("{:.0f}", number(q, "ess_bulk")),
               fmt::format("{:.0f}", number(q, "ess_tail"))});
  return fmt::format(
      "\n{}\n{} chains of {} draws after {} of warm-up in {}: {:.0f} independent draws "
      "per second, acceptance {:.2f}, {} divergences, BFMI {:.2f}\n",
      table.text(),
      found->at("chains").get<int>(),
      found->at("draws").get<int>(),
      found->at("warmup").get<int>(),
      duration(number(result.at("timing"), "sampling_s")),
      number(result.at("timing"), "ess_per_s"),
      number(*found, "acceptance"),
      found->at("divergences").get<int>(),
      number(*found, "bfmi"));
}

std::string result_table(const ordered_json& result) {
  bool truth = false;
  for (const auto& row : result.at("parameters")) truth = truth || row.contains("truth");
  std::vector<std::string> header = {
      "parameter", "value", "error", "68 % interval", "95 % interval", "floor", "method"};
  if (truth) header.emplace_back("truth");
  Table table(header);
  for (const char* list : {"parameters", "derived"})
    for (const auto& row : result.at(list)) table.row(cells(row, truth));
  auto out = table.text() + posterior_text(result);
  if (const auto notes = notes_text(result); !notes.empty()) out += "\n" + notes;
  const auto& events = result.at("events");
  out += fmt::format("\n{} events of data, {} simulated, {}\n",
                     grouped(events.at("data").get<double>()),
                     grouped(events.at("simulated").get<double>()),
                     duration(result.at("timing").at("wall_s").get<double>()));
  return out;
}

}  // namespace femto::app
