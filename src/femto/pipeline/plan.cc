// Reads a study, builds its components and gathers every problem before work starts.
#include "femto/pipeline/plan.h"

#include <algorithm>

#include <fmt/format.h>

#include "femto/config/describe.h"
#include "femto/core/files.h"
#include "femto/core/interrupt.h"
#include "femto/pipeline/parameters.h"
#include "femto/pipeline/study_walk.h"
#include "femto/pipeline/wires.h"

namespace femto {

namespace fs = std::filesystem;
using config::Issue;
using config::Node;

namespace {

/// Whether a component that the study names is not in the registry.
bool names_unknown(Node& document, const Registry& known) {
  bool unknown = false;
  const auto look = [&](const Node& value, const config::Shape& shape) {
    if (shape.form != config::Shape::Form::slot) return;
    const auto name = component_of(value, shape);
    unknown = unknown || (!name.empty() && !known.shelf(shape.kind).contains(name));
  };
  for_each_value(document, config::settings_of<Study>(), known, look);
  return unknown;
}

/// The study with every value; paths are absolute, so that it can be run from anywhere.
std::string resolved_text(const Study& study, const Registry& registry) {
  auto document = config::encode(study);
  const auto anchor = [](Node& value, const config::Shape& shape) {
    if (shape.form != config::Shape::Form::path || value.scalar.empty()) return;
    if (shape.optional && value.scalar == "none" && !value.quoted) return;
    value = config::text_node(fs::absolute(value.scalar).lexically_normal().string());
  };
  for_each_value(document, config::settings_of<Study>(), registry, anchor);
  return config::to_yaml(document);
}

std::vector<fs::path> plugins_of(const Node& document, const PlanRequest& request) {
  auto out = request.plugins;
  const auto* list = document.find("plugins");
  if (!list) return out;
  for (const auto& item : list->list)
    if (item.type == Node::Type::scalar)
      out.push_back(config::resolved(item.scalar, item.where.file).file);
  return out;
}

/// Opens what the study asks for, before its components are looked up.
void open_plugins(const std::string& text,
                  const PlanRequest& request,
                  Components& components) {
  std::vector<Issue> ignored;  // the same problems are reported by the full reading
  auto origin = config::read(text, request.file.string(), request.overrides, ignored);
  for (const auto& file : plugins_of(origin.document, request)) components.load(file);
  if (names_unknown(origin.document, components.registry())) components.load_all();
}

config::Loaded<Study> read_study(const std::string& text,
                                 const PlanRequest& request,
                                 Components& components) {
  open_plugins(text, request, components);
  try {
    return config::load<Study>(
        text, request.file.string(), components.registry(), request.overrides);
  } catch (const config::ConfigError& error) {
    std::string missing;
    for (const auto& plugin : components.plugins())
      if (!plugin.loaded)
        missing += fmt::format(
            "\nplugin '{}' could not be loaded, components in it are "
            "unknown: {}",
            plugin.file.string(),
            plugin.reason);
    if (missing.empty()) throw;
    throw Error(error.what() + missing, error.hint(), error.code());
  }
}

/// Builds one component; what its constructor finds wrong becomes an issue.
template <class Kind>
std::unique_ptr<Kind> build(const Slot<Kind>& slot,
                            const std::string& path,
                            const config::Origin& origin,
                            std::vector<Issue>& issues) {
  try {
    return slot.build();
  } catch (const Error& error) {
    issues.push_back(origin.issue(path, error.what(), error.hint()));
    return nullptr;
  }
}

bool build_all(Plan& plan, std::vector<Issue>& issues) {
  auto& s = plan.study;
  const auto& o = plan.origin;
  plan.source = build(s.data, "data", o, issues);
  plan.theory = build(s.theory, "theory", o, issues);
  plan.sampler = build(s.sampler, "sampler", o, issues);
  plan.detector = build(s.detector, "detector", o, issues);
  plan.objective = build(s.objective, "objective", o, issues);
  if (s.generator) plan.generator = build(*s.generator, "generator", o, issues);
  if (s.amortiser) plan.amortiser = build(*s.amortiser, "amortiser", o, issues);
  plan.solver = build(s.solver, "solver", o, issues);
  if (s.exchange) plan.exchange = build(*s.exchange, "exchange", o, issues);
  for (std::size_t i = 0; i < s.analyses.size(); ++i)
    plan.analyses.push_back(
        build(s.analyses[i], fmt::format("analyses[{}]", i), o, issues));
  return issues.empty();
}

/// What is worth knowing after any fit, where a study does not say.
void fill_analyses(Plan& plan, const Registry& registry) {
  if (plan.origin.given("analyses")) return;
  for (const char* name :
       {"curves", "histograms", "goodness_of_fit", "sampler_bias", "impacts"}) {
    if (!registry.shelf(Analysis::kind).contains(name)) continue;
    Slot<Analysis> slot(name);
    config::Decoder decoder(registry);
    config::settle(decoder, plan.origin.document, slot);
    plan.study.analyses.push_back(std::move(slot));
  }
}

/// Binds theory and detector; nothing else can be checked where they do not fit.
void look_through_detector(Plan& plan, std::vector<Issue>& issues) {
  try {
    plan.experiment = std::make_unique<Experiment>(*plan.theory, *plan.detector);
  } catch (const Interrupted&) {
    throw;  // while a detector learnt
  } catch (const Error& error) {
    issues.push_back(plan.origin.issue("detector", error.what(), error.hint()));
    plan.origin.throw_if_any(std::move(issues));
  }
}

void check_ensemble(const Plan& plan, std::vector<Issue>& issues) {
  const auto& e = plan.study.ensemble;
  if (e.only && *e.only >= e.members)
    issues.push_back(plan.origin.issue(
        "ensemble.only",
        fmt::format(
            "there is no member {} among {} (they count from 0)", *e.only, e.members)));
}

void check_intervals(const Plan& plan, std::vector<Issue>& issues) {
  if (plan.study.intervals.method == IntervalMethod::posterior &&
      !plan.objective->is_likelihood())
    issues.push_back(plan.origin.issue(
        "intervals.method",
        fmt::format(
            "objective '{}' is not a likelihood, so there is no posterior to sample",
            plan.study.objective.type),
        "use objective: likelihood, or intervals.method=fisher"));
  if (plan.study.intervals.method == IntervalMethod::amortised && !plan.amortiser)
    issues.push_back(plan.origin.issue(
        "intervals.method",
        "amortised intervals need an amortiser, which learns the posterior",
        "add `amortiser: mixture_flow`"));
  if (plan.study.intervals.method == IntervalMethod::amortised &&
      !plan.objective->is_function())
    issues.push_back(plan.origin.issue(
        "intervals.method",
        fmt::format("amortised intervals stand around an estimate that objective '{}', "
                    "a game, does not give",
                    plan.study.objective.type),
        "use objective: likelihood, or intervals.method=none"));
}

void check_analyses(const Plan& plan, std::vector<Issue>& issues) {
  for (std::size_t i = 0; i < plan.analyses.size(); ++i) {
    try {
      plan.analyses[i]->check(plan.experiment->measured(), *plan.objective);
    } catch (const Error& error) {
      issues.push_back(
          plan.origin.issue(fmt::format("analyses[{}]", i), error.what(), error.hint()));
    }
  }
}

void check_side(Plan& plan, std::vector<Issue>& issues) {
  try {
    plan.side = plan.source->side(*plan.experiment);
  } catch (const Error& error) {
    // "data.norms has ..." points at that setting.
    const std::string what = error.what();
    const auto space = what.find(' ');
    const bool named = what.starts_with("data.") && space != what.npos;
    issues.push_back(plan.origin.issue(named ? what.substr(0, space) : "data",
                                       named ? what.substr(space + 1) : what,
                                       error.hint()));
  }
}

/// The data's problem as it is told: at the setting that names them.
Issue data_issue(const Plan& plan, const DataError& error) {
  const char* path = plan.origin.given("data.path") ? "data.path" : "data";
  return plan.origin.issue(path, error.what(), error.hint());
}

void check_data(Plan& plan, const PlanRequest& request, std::vector<Issue> issues) {
  std::optional<Issue> wrong;
  try {
    plan.info = plan.source->inspect(*plan.experiment);
  } catch (const DataError& error) {
    if (request.data == DataUse::required) wrong = data_issue(plan, error);
  } catch (const Error& error) {
    issues.push_back(plan.origin.issue("data", error.what(), error.hint()));
  }
  if (wrong && issues.empty())
    throw DataError(config::render(*wrong, plan.origin.sources));
  if (wrong) issues.push_back(*wrong);
  plan.origin.throw_if_any(std::move(issues));
}

}  // namespace

Plan make_plan(const PlanRequest& request, Components& components) {
  Plan plan;
  plan.file = request.file;
  plan.overrides = request.overrides;
  plan.text = read_file(request.file);
  auto loaded = read_study(plan.text, request, components);
  plan.study = std::move(loaded.value);
  plan.origin = std::move(loaded.origin);
  plan.warnings = std::move(loaded.warnings);
  if (plan.study.name.empty()) plan.study.name = request.file.stem().string();
  for (const auto& file : request.plugins)
    plan.study.plugins.emplace_back(fs::absolute(file).string());
  fill_analyses(plan, components.registry());

  std::vector<Issue> issues;
  if (!build_all(plan, issues)) plan.origin.throw_if_any(std::move(issues));
  look_through_detector(plan, issues);
  set_parameters(plan, issues);
  check_ensemble(plan, issues);
  check_analyses(plan, issues);
  check_intervals(plan, issues);
  check_side(plan, issues);
  set_constraints(plan, issues);
  const auto unfit = wire_issues(plan);
  issues.insert(issues.end(), unfit.begin(), unfit.end());
  check_data(plan, request, std::move(issues));
  plan.wires = wires_of(plan);
  plan.plugins = components.plugins();
  plan.resolved = resolved_text(plan.study, components.registry());
  return plan;
}

}  // namespace femto
