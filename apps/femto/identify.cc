// femto identify: what the data can and cannot determine, before any fit.
#include <algorithm>
#include <cmath>

#include "commands.h"
#include "studies.h"
#include "terminal.h"
#include <fmt/format.h>

#include "femto/pipeline/inference.h"
#include "femto/pipeline/parameters.h"

namespace femto::app {
namespace {

struct Target {
  std::string name;
  double error = 0, records = 0;
};

/// Records for each `name=error`, of parameters and derived quantities.
std::vector<Target> targets_of(const std::vector<std::string>& asked,
                               const Theory& theory,
                               const Identifiability& found) {
  std::vector<std::string> names;
  for (const auto& p : theory.parameters()) names.push_back(p.name);
  for (const auto& d : theory.derived()) names.push_back(d.name);
  std::vector<Target> out;
  for (const auto& one : asked) {
    const auto [name, error] = named_value(one);
    const auto found_at = std::find(names.begin(), names.end(), name);
    if (found_at == names.end())
      throw Error(
          fmt::format("the theory has no parameter or derived quantity '{}'", name),
          config::suggestion(name, names, "known"));
    if (!(error > 0)) throw Error(fmt::format("the error in '{}' is not positive", one));
    const auto index = static_cast<std::size_t>(found_at - names.begin());
    out.push_back({name, error, records_for(found, index, error)});
  }
  return out;
}

std::string relative(double floor, double value) {
  return std::isfinite(floor) && value != 0
             ? fmt::format("{:.1f} %", 100 * floor / std::fabs(value))
             : "-";
}

void print_tables(const Plan& plan, const Identifiability& found) {
  Table table({"quantity", "value", "floor", "relative", ""});
  const auto row = [&](const std::string& name, double value, double floor, bool known) {
    table.row({name,
               with_digits(value, floor),
               known ? error_text(floor) : "-",
               known ? relative(floor, value) : "-",
               known ? "" : "not identified"});
  };
  const auto& parameters = plan.setup.parameters;
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (plan.setup.fixed[i])
      table.row(
          {parameters[i].name, fmt::format("{:.6g}", found.at[i]), "-", "-", "fixed"});
    else
      row(parameters[i].name, found.at[i], found.floors[i], found.identified[i]);
  const auto derived = plan.fitted().derived();
  for (std::size_t d = 0; d < derived.size(); ++d)
    row(derived[d].name,
        derived[d].value(found.at),
        found.derived_floors[d],
        found.derived_identified[d]);
  fmt::print("{}\n", table.text());
}

void print_spectrum(const Identifiability& found) {
  fmt::print("rank {} of {}\neigenvalues of the information per record:",
             found.rank,
             found.n_parameters);
  for (const double value : found.eigenvalues) fmt::print(" {:.6g}", value);
  fmt::print("\nn * lambda_min = {:.3g}\n", found.n_lambda_min);
  const auto directions = [](const char* what, const std::vector<Direction>& list) {
    for (const auto& direction : list) {
      std::string text;
      for (const auto& [name, coefficient] : direction.combination)
        text += fmt::format(" {:+.6f} {}", coefficient, name);
      fmt::print("{} direction:{}\n", what, text);
    }
  };
  directions("null", found.null_directions);
  directions("sloppy", found.sloppy_directions);
  for (const auto& sentence : found.sentences) fmt::print("  {}\n", sentence);
}

}  // namespace

int identify(const IdentifyCommand& c, Program& program) {
  const auto plan =
      plan_of(c.study, program, c.events ? DataUse::optional : DataUse::required);
  std::string where;
  const auto theta = point_of(plan, c.at, where);
  const double records = c.events.value_or(static_cast<double>(plan.info.rows));
  const Density density(plan.fitted());
  const auto found = identify(density, plan.side, plan.setup, theta, records);
  const auto targets = targets_of(c.targets, plan.fitted(), found);
  if (c.json) {
    auto json = to_json(found, plan.fitted());
    for (const auto& t : targets)
      json["targets"].push_back(
          {{"name", t.name},
           {"error", t.error},
           {"records",
            std::isfinite(t.records) ? nlohmann::ordered_json(t.records)
                                     : nlohmann::ordered_json()}});
    fmt::print("{}\n", json.dump(2));
    return 0;
  }
  fmt::print("{} records, at {}\n\n", grouped(records), where);
  print_tables(plan, found);
  print_spectrum(found);
  for (const auto& t : targets)
    if (std::isfinite(t.records))
      fmt::print("{} ± {:.6g} needs {} records\n", t.name, t.error, grouped(t.records));
    else
      fmt::print("{} ± {:.6g} is out of reach: no number of records determines it\n",
                 t.name,
                 t.error);
  return 0;
}

}  // namespace femto::app
