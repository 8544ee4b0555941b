// Follows names and sizes through the chain of components without computing anything.
#include "femto/pipeline/wires.h"

#include <algorithm>

#include <fmt/format.h>

namespace femto {
namespace {

using config::Issue;

std::string events_of(const std::vector<std::string>& columns) {
  return fmt::format("events[n; {}]", fmt::join(columns, ", "));
}

std::string densities_of(const Theory& theory) {
  std::vector<std::string> parts;
  for (const auto& channel : theory.channels()) {
    std::vector<std::string> axes;
    for (const auto& axis : channel.axes)
      axes.push_back(axis.unit.empty() || axis.unit == "1"
                         ? axis.column
                         : fmt::format("{} [{}]", axis.column, axis.unit));
    parts.push_back(fmt::format("{}({})", channel.name, fmt::join(axes, ", ")));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string theta_of(const Theory& theory) {
  return fmt::format("theta[{}]", theory.parameters().size());
}

/// A path as it is shortest from here; other labels as they are.
std::string short_label(const std::string& label) {
  if (!label.starts_with("/")) return label;
  const auto from_here = std::filesystem::proximate(label).string();
  return from_here.size() < label.size() ? from_here : label;
}

void check_theory(const Plan& plan, std::vector<Issue>& issues) {
  const auto& parameters = plan.fitted().parameters();
  std::vector<std::string> seen;
  const auto once = [&](const std::string& name, const char* what) {
    if (std::find(seen.begin(), seen.end(), name) != seen.end())
      issues.push_back(plan.origin.issue(
          "theory",
          fmt::format("{} has two {}s called '{}'", plan.study.theory.type, what, name)));
    seen.push_back(name);
  };
  for (const auto& p : parameters) once(p.name, "parameter");
  seen.clear();
  for (const auto& column : columns_of(plan.fitted())) once(column, "column");
}

void check_generator(const Plan& plan, std::vector<Issue>& issues) {
  if (!plan.generator) return;
  const int wanted = static_cast<int>(plan.theory->parameters().size());
  const auto network = plan.generator->network(wanted);
  if (network.outputs != wanted)
    issues.push_back(plan.origin.issue(
        "generator",
        fmt::format("{} gives {} numbers, theory '{}' has {} parameters",
                    plan.study.generator->type,
                    network.outputs,
                    plan.study.theory.type,
                    wanted)));
  if (network.inputs != plan.generator->noise().size)
    issues.push_back(
        plan.origin.issue("generator",
                          fmt::format("{} makes {} noise values, its network takes {}",
                                      plan.study.generator->type,
                                      plan.generator->noise().size,
                                      network.inputs)));
}

/// Games draw true events and measure them; they cannot lose any, nor fit the detector.
void check_game(const Plan& plan, std::vector<Issue>& issues) {
  if (plan.objective->is_function()) return;
  const auto& instrument = plan.experiment->instrument();
  if (instrument.loses())
    issues.push_back(plan.origin.issue(
        "detector",
        fmt::format("loses events, but objective '{}' compares events that are all kept",
                    plan.study.objective.type),
        "use objective likelihood, or leave out cuts and efficiencies"));
  if (!instrument.nuisances().empty())
    issues.push_back(plan.origin.issue(
        "detector",
        fmt::format("has the nuisance parameter '{}', which objective '{}' cannot fit",
                    instrument.nuisances().front().parameter.name,
                    plan.study.objective.type),
        "set its sd to 0, or use objective likelihood"));
}

}  // namespace

std::vector<Issue> wire_issues(const Plan& plan) {
  std::vector<Issue> issues;
  check_theory(plan, issues);
  check_generator(plan, issues);
  check_game(plan, issues);
  if (const auto why = plan.solver->objection(*plan.objective, plan.generator.get());
      !why.empty())
    issues.push_back(
        plan.origin.issue("solver", fmt::format("{} {}", plan.study.solver.type, why)));
  if (plan.exchange && !plan.solver->plays_together())
    issues.push_back(plan.origin.issue(
        "exchange",
        fmt::format("{} has nothing to exchange (only solvers that train networks have)",
                    plan.study.solver.type),
        "leave it out: without it members and toys are spread over the ranks"));
  return issues;
}

std::vector<Wire> wires_of(const Plan& plan) {
  const auto& study = plan.study;
  const auto columns = columns_of(*plan.theory);
  const auto measured = columns_of(plan.fitted());
  std::vector<Wire> wires;
  wires.push_back(
      {"data",
       study.data.type,
       short_label(plan.info.label),
       plan.info.rows
           ? fmt::format("data[{}; {}]", plan.info.rows, fmt::join(measured, ", "))
           : "nothing"});
  if (plan.generator)
    wires.push_back({"generator",
                     study.generator->type,
                     fmt::format("noise[{}]", plan.generator->noise().size),
                     theta_of(*plan.theory)});
  wires.push_back({"theory",
                   study.theory.type,
                   theta_of(*plan.theory),
                   "densities " + densities_of(*plan.theory)});
  wires.push_back({"sampler", study.sampler.type, "densities", events_of(columns)});
  wires.push_back(
      {"detector", study.detector.type, events_of(columns), events_of(measured)});
  wires.push_back({"objective",
                   study.objective.type,
                   plan.objective->is_function() ? "densities, data" : "events, data",
                   plan.objective->is_function() ? "value, slope, curvature" : "a game"});
  std::size_t free = 0;
  for (const bool fixed : plan.setup.fixed) free += !fixed;
  wires.push_back({"solver",
                   study.solver.type,
                   plan.objective->is_function() ? "value, slope, curvature" : "a game",
                   fmt::format("theta[{}], {} free", plan.setup.fixed.size(), free)});
  for (const auto& analysis : study.analyses)
    wires.push_back({"analysis", analysis.type, "the fit", "findings"});
  return wires;
}

std::string wire_table(const std::vector<Wire>& wires) {
  std::size_t kind = 4, name = 4, takes = 5;
  for (const auto& w : wires) {
    kind = std::max(kind, w.kind.size());
    name = std::max(name, w.name.size());
    takes = std::max(takes, w.takes.size());
  }
  std::string out;
  for (const auto& w : wires)
    out += fmt::format("{:<{}}  {:<{}}  {:<{}}  -> {}\n",
                       w.kind,
                       kind,
                       w.name,
                       name,
                       w.takes,
                       takes,
                       w.gives);
  return out;
}

}  // namespace femto
