// Boxes, starts, fixed values and truth, checked against the theory.
#include "femto/pipeline/parameters.h"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "femto/config/decoder.h"
#include "femto/core/text.h"

namespace femto {
namespace {

using config::Issue;

std::vector<std::string> names_of(const Theory& theory) {
  std::vector<std::string> names;
  for (const auto& p : theory.parameters()) names.push_back(p.name);
  return names;
}

std::string no_parameter(const std::string& theory, const std::string& name) {
  return fmt::format("theory '{}' has no parameter '{}'", theory, name);
}

/// Reports names that are not parameters.
template <class Map>
void check_names(const Plan& plan,
                 const char* block,
                 const Map& given,
                 std::vector<Issue>& issues) {
  for (const auto& [name, value] : given)
    if (parameter_index(*plan.theory, name) < 0)
      issues.push_back(
          plan.origin.issue(fmt::format("{}.{}", block, name),
                            no_parameter(plan.study.theory.type, name),
                            config::suggestion(name, names_of(*plan.theory), "known")));
}

void change(const Plan& plan,
            const ParameterSettings& s,
            Parameter& p,
            std::vector<Issue>& issues) {
  const auto wrong = [&](const char* key, std::string what, std::string hint = {}) {
    issues.push_back(plan.origin.issue(
        fmt::format("parameters.{}.{}", p.name, key), std::move(what), std::move(hint)));
  };
  p.lo = s.min.value_or(p.lo);
  p.hi = s.max.value_or(p.hi);
  if (!(p.lo < p.hi))
    return wrong(
        s.max ? "max" : "min",
        fmt::format("the box [{}, {}] is empty (min must be below max)", p.lo, p.hi));
  if (s.fixed && s.start)
    wrong(
        "start", "is not used, because the parameter is fixed", "remove one of the two");
  if (s.fixed) {
    p.start = *s.fixed;
  } else if (s.start) {
    p.start = *s.start;
    if (!(p.lo < p.start && p.start < p.hi))
      wrong("start",
            fmt::format("{} is not inside the box ({}, {})", p.start, p.lo, p.hi));
  } else if (!(p.lo < p.start && p.start < p.hi)) {
    p.start = (p.lo + p.hi) / 2;
  }
}

void set_truth(Plan& plan, std::vector<Issue>& issues) {
  const auto& given = plan.study.truth;
  check_names(plan, "truth", given, issues);
  if (given.empty()) return;
  std::vector<std::string> missing;
  plan.truth.clear();
  for (const auto& name : names_of(*plan.theory)) {
    const auto found = given.find(name);
    if (found == given.end())
      missing.push_back(name);
    else
      plan.truth.push_back(found->second);
  }
  if (missing.empty()) return;
  plan.truth.clear();
  issues.push_back(plan.origin.issue(
      "truth",
      fmt::format("misses {} (the truth is known for all parameters or not used)",
                  fmt::join(missing, ", "))));
}

}  // namespace

void set_parameters(Plan& plan, std::vector<Issue>& issues) {
  const auto& given = plan.study.parameters;
  check_names(plan, "parameters", given, issues);
  plan.setup.parameters = plan.theory->parameters();
  plan.setup.fixed.assign(plan.setup.parameters.size(), false);
  for (std::size_t i = 0; i < plan.setup.parameters.size(); ++i) {
    const auto found = given.find(plan.setup.parameters[i].name);
    if (found == given.end()) continue;
    change(plan, found->second, plan.setup.parameters[i], issues);
    plan.setup.fixed[i] = found->second.fixed.has_value();
  }
  bool free = false;
  for (const bool fixed : plan.setup.fixed) free = free || !fixed;
  if (!free)
    issues.push_back(plan.origin.issue("parameters", "every parameter is fixed"));
  set_truth(plan, issues);
}

std::pair<std::string, double> named_value(const std::string& assignment) {
  const auto equal = assignment.find('=');
  if (equal == assignment.npos)
    throw Error(fmt::format("'{}' is not name=value", assignment),
                "for example N_u=2.1875");
  double value = 0;
  const char* end = assignment.data() + assignment.size();
  const auto read = std::from_chars(assignment.data() + equal + 1, end, value);
  if (read.ec != std::errc() || read.ptr != end || !std::isfinite(value))
    throw Error(fmt::format(
        "'{}' is not a number (in '{}')", assignment.substr(equal + 1), assignment));
  return {assignment.substr(0, equal), value};
}

std::vector<double> parameter_values(const Theory& theory,
                                     const std::vector<std::string>& assignments,
                                     const std::vector<double>& rest) {
  auto values = rest;
  for (const auto& one : assignments) {
    const auto [name, value] = named_value(one);
    const int index = parameter_index(theory, name);
    if (index < 0)
      throw Error(fmt::format("the theory has no parameter '{}'", name),
                  config::suggestion(name, names_of(theory), "known"));
    values[static_cast<std::size_t>(index)] = value;
  }
  return values;
}

}  // namespace femto
