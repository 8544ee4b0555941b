// Boxes, starts, fixed values and truth, checked against the theory.
#include "femto/pipeline/parameters.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "femto/config/decoder.h"
#include "femto/core/text.h"
#include "femto/pipeline/prior.h"
#include "femto/stats/linear.h"

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
    if (parameter_index(plan.fitted(), name) < 0)
      issues.push_back(
          plan.origin.issue(fmt::format("{}.{}", block, name),
                            no_parameter(plan.study.theory.type, name),
                            config::suggestion(name, names_of(plan.fitted()), "known")));
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
  const std::size_t needed = plan.theory->parameters().size();
  for (const auto& p : plan.fitted().parameters()) {
    const auto found = given.find(p.name);
    // Detectors are nominal unless the truth says otherwise.
    if (found == given.end() && plan.truth.size() + missing.size() < needed)
      missing.push_back(p.name);
    else
      plan.truth.push_back(found == given.end() ? p.start : found->second);
  }
  if (missing.empty()) return;
  plan.truth.clear();
  issues.push_back(plan.origin.issue(
      "truth",
      fmt::format("misses {} (the truth is known for all parameters or not used)",
                  fmt::join(missing, ", "))));
}

bool is_covariance(const Matrix& m) {
  for (std::size_t i = 0; i < m.rows; ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (m(i, j) != m(j, i)) return false;
  return stats::cholesky_inverse(m).has_value();
}

Constraint constraint_of(const Plan& plan,
                         const ConstraintSettings& s,
                         const std::string& where,
                         std::vector<Issue>& issues) {
  const auto wrong =
      [&](const std::string& key, std::string what, std::string hint = {}) {
        issues.push_back(
            plan.origin.issue(where + "." + key, std::move(what), std::move(hint)));
      };
  const std::size_t n = s.parameters.size();
  const bool poisson = s.form == ConstraintForm::poisson;
  Constraint out{s.form, {}, s.values, Matrix(n, n), s.exposure};
  for (const auto& name : s.parameters) {
    const int index = parameter_index(plan.fitted(), name);
    if (index < 0)
      wrong("parameters",
            no_parameter(plan.study.theory.type, name),
            config::suggestion(name, names_of(plan.fitted()), "known"));
    out.parameters.push_back(static_cast<std::size_t>(std::max(index, 0)));
  }
  if (s.values.size() != n)
    wrong("values", fmt::format("{} values for {} parameters", s.values.size(), n));
  if (poisson && n != 1) wrong("parameters", "poisson counts one parameter");
  if (!poisson && s.sd.size() != n)
    wrong("sd", fmt::format("{} errors for {} parameters", s.sd.size(), n));
  for (const double value : s.values)
    if (s.form != ConstraintForm::gaussian && !(value > 0) && !(poisson && value == 0))
      wrong("values", fmt::format("{} cannot be measured in this form", value));
  if (!s.correlation.empty() && (s.correlation.size() != n ||
                                 std::ranges::any_of(s.correlation, [n](const auto& row) {
                                   return row.size() != n;
                                 }))) {
    wrong("correlation", fmt::format("is not a matrix of {} x {}", n, n));
    return out;
  }
  for (std::size_t i = 0; i < n && s.sd.size() == n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      out.covariance(i, j) =
          s.sd[i] * s.sd[j] * (s.correlation.empty() ? i == j : s.correlation[i][j]);
  if (!poisson && s.sd.size() == n && !is_covariance(out.covariance))
    wrong("correlation", "is not symmetric and positive definite");
  return out;
}

}  // namespace

void set_parameters(Plan& plan, std::vector<Issue>& issues) {
  const auto& given = plan.study.parameters;
  check_names(plan, "parameters", given, issues);
  plan.setup.parameters = plan.fitted().parameters();
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

void set_constraints(Plan& plan, std::vector<Issue>& issues) {
  std::size_t index = plan.theory->parameters().size();
  for (const auto& nuisance : plan.experiment->instrument().nuisances()) {
    if (std::isfinite(nuisance.sd)) {
      Constraint c{ConstraintForm::gaussian, {index}, {nuisance.parameter.start}, {}, 1};
      c.covariance = Matrix(1, 1);
      c.covariance(0, 0) = nuisance.sd * nuisance.sd;
      plan.side.constraints.push_back(std::move(c));
    }
    ++index;
  }
  for (auto& c : prior_of(*plan.theory)) plan.side.constraints.push_back(std::move(c));
  const auto& given = plan.study.constraints;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto before = issues.size();
    auto c = constraint_of(plan, given[i], fmt::format("constraints[{}]", i), issues);
    if (issues.size() == before) plan.side.constraints.push_back(std::move(c));
  }
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
