// Fits one study with several objectives.
#include "femto/pipeline/compare.h"

#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/core/interrupt.h"
#include "femto/exchange/alone.h"
#include "femto/exchange/crew.h"
#include "femto/exchange/parcel.h"
#include "femto/io/checkpoint.h"
#include "femto/pipeline/ensemble.h"
#include "femto/pipeline/inference.h"
#include "femto/pipeline/problem.h"
#include "femto/pipeline/result.h"
#include "femto/pipeline/toys.h"
#include "femto/stats/summary.h"

namespace femto {

using nlohmann::ordered_json;

namespace {

struct Choice {
  Slot<Objective> objective;

  static constexpr auto fields() {
    return std::tuple{config::field<&Choice::objective>(
        {.doc = "how data and theory are compared", .required = true})};
  }
};

/// "name:key=value,key=value" as a block of a study.
std::string block_of(const std::string& label) {
  const auto colon = label.find(':');
  std::string out = "{type: " + label.substr(0, colon);
  if (colon == label.npos) return out + "}";
  const std::string settings = label.substr(colon + 1);
  std::size_t from = 0;
  while (from <= settings.size()) {
    const auto to = std::min(settings.find(',', from), settings.size());
    const std::string part = settings.substr(from, to - from);
    const auto equal = part.find('=');
    if (equal == part.npos || equal == 0)
      throw Error(fmt::format("'{}' in '{}' is not a setting", part, label),
                  "write objectives as NAME or NAME:KEY=VALUE,KEY=VALUE");
    out += ", " + part.substr(0, equal) + ": " + part.substr(equal + 1);
    from = to + 1;
  }
  return out + "}";
}

/// Time that a piece of work took.
class Clock {
 public:
  double wall() const {
    const std::chrono::duration<double> d = std::chrono::steady_clock::now() - wall_;
    return d.count();
  }

  double cpu() const { return process_timing(0).cpu_s - cpu_; }

 private:
  std::chrono::steady_clock::time_point wall_ = std::chrono::steady_clock::now();
  double cpu_ = process_timing(0).cpu_s;
};

Task task_of(const Plan& plan,
             const Density& density,
             const Dataset& data,
             const Objective& objective) {
  const Task plain = whole_task(plan, density, data);
  return {plain.theory,
          plain.density,
          plain.sampler,
          plain.experiment,
          objective,
          plain.generator,
          plain.data,
          plain.side,
          plain.setup,
          plain.weighting,
          plain.seed,
          plain.member};
}

std::optional<double> number(const ordered_json& row, const char* key) {
  const auto found = row.find(key);
  if (found == row.end() || !found->is_number()) return {};
  return found->get<double>();
}

/// Rows of result.json that say something: identified and free.
void take_rows(const ordered_json& rows, Compared& out) {
  for (const auto& row : rows) {
    if (!row.value("identified", true) || row.value("fixed", false)) continue;
    ComparedQuantity q;
    q.name = row.value("name", "");
    q.value = number(row, "value").value_or(NAN);
    q.std = number(row, "std");
    q.floor = number(row, "crb");
    q.truth = number(row, "truth");
    q.residual_in_floors = number(row, "residual_in_floors");
    out.quantities.push_back(std::move(q));
  }
}

/// Fits the data. Returns the estimate, or nothing if there is none.
std::vector<double> fit(const Plan& plan,
                        const Task& task,
                        const Solver& solver,
                        Compared& out) {
  const Clock clock;
  SilentMonitor monitor;
  std::vector<double> theta;
  try {
    const Fit found = solver.solve(task, monitor);
    out.message = found.message;
    out.outcome = found.outcome == Outcome::converged ? "converged"
                  : found.outcome == Outcome::stopped ? "stopped"
                                                      : "diverged";
    if (found.outcome != Outcome::diverged) {
      InferenceOptions how{plan.study.intervals, plan.truth};
      how.intervals.method = IntervalMethod::fisher;
      const auto inferred = infer(task, {found}, false, how, monitor);
      take_rows(inferred.parameters, out);
      take_rows(inferred.derived, out);
      out.notes = inferred.notes;
      theta = inferred.theta;
    }
  } catch (const Interrupted&) {
    throw;
  } catch (const Error& error) {
    out.outcome = "failed";
    out.message = error.what();
  }
  out.wall_s = clock.wall();
  out.cpu_s = clock.cpu();
  return theta;
}

ComparedQuantity* find(Compared& in, const std::string& name) {
  for (auto& q : in.quantities)
    if (q.name == name) return &q;
  return nullptr;
}

/// What the ranks must know of the fits before they share toys.
struct ToyPlan {
  std::vector<double> truth;
  std::uint64_t records = 0;
  std::vector<std::size_t> contenders;  // whose toys are fitted
};

std::string to_bytes(const ToyPlan& toys) {
  io::State state;
  state.put("truth", std::span<const double>(toys.truth));
  state.put("records", static_cast<std::int64_t>(toys.records));
  const std::vector<double> numbers(toys.contenders.begin(), toys.contenders.end());
  state.put("contenders", std::span<const double>(numbers));
  return io::to_bytes(state);
}

ToyPlan toy_plan_from(const std::string& bytes) {
  const auto state = io::state_from(bytes);
  ToyPlan out;
  out.truth = state.doubles("truth");
  out.records = static_cast<std::uint64_t>(state.integer("records"));
  for (const double i : state.doubles("contenders"))
    out.contenders.push_back(static_cast<std::size_t>(i));
  return out;
}

/// Errors that the objective predicts at the truth.
void predict(const Task& task, const std::vector<double>& truth, Compared& out) {
  const Fisher predicted = predicted_errors(problem_of(task, truth), truth);
  for (const auto& quantity :
       toy_quantities(task, truth, task.data.records()).quantities) {
    ComparedQuantity* q = find(out, quantity.name);
    const auto slope = quantity.gradient(truth);
    if (q && estimable(predicted.spectrum, slope))
      q->toy_predicted = deviation(predicted.covariance, slope);
  }
}

/// Called by all ranks; fills `out` on rank 0, where it is not null.
void add_toys(const Task& task,
              const Solver& solver,
              const ToyPlan& toys,
              const CompareOptions& options,
              const std::function<void(int)>& progress,
              Compared* out) {
  const Clock clock;
  const auto wanted = toy_quantities(task, toys.truth, toys.records);
  ToyOptions how;
  how.truths.assign(static_cast<std::size_t>(options.toys), toys.truth);
  how.records = toys.records;
  how.seed = task.seed;
  how.intervals.method = IntervalMethod::fisher;
  how.progress = progress;
  how.warn = options.warn;
  how.group = options.group;
  const auto made = run_toys(task, solver, wanted.quantities, how);
  if (!out) return;
  for (std::size_t i = 0; i < wanted.quantities.size(); ++i) {
    ComparedQuantity* q = find(*out, wanted.quantities[i].name);
    if (!q) continue;
    std::vector<double> values;
    for (const auto& toy : made)
      if (!toy.made.empty()) values.push_back(toy.made[i].value - toy.made[i].truth);
    if (values.size() < 2) {
      q->toy_predicted.reset();
      continue;
    }
    q->toy_sd = stats::standard_deviation(values);
    q->toy_mean = stats::mean(values);
  }
  for (const auto& toy : made) ++(toy.made.empty() ? out->failed : out->toys);
  out->toys_cpu_s = clock.cpu();
}

ordered_json optional_number(const std::optional<double>& x) {
  return x && std::isfinite(*x) ? ordered_json(*x) : ordered_json(nullptr);
}

ordered_json row_of(const ComparedQuantity& q, int toys) {
  ordered_json out = {{"name", q.name},
                      {"value", optional_number(q.value)},
                      {"std", optional_number(q.std)},
                      {"crb", optional_number(q.floor)}};
  if (q.std && q.floor && *q.floor > 0) out["std_over_crb"] = *q.std / *q.floor;
  if (q.truth) out["truth"] = *q.truth;
  if (q.residual_in_floors) out["residual_in_floors"] = *q.residual_in_floors;
  if (!q.toy_sd) return out;
  auto& toy = out["toys"];
  toy = {{"sd", *q.toy_sd},
         {"mean_residual", optional_number(q.toy_mean)},
         {"predicted", optional_number(q.toy_predicted)}};
  if (q.toy_predicted && *q.toy_predicted > 0) {
    const double ratio = *q.toy_sd / *q.toy_predicted;
    toy["sd_over_predicted"] = ratio;
    toy["sd_over_predicted_error"] = ratio_error(ratio, toys);
  }
  return out;
}

}  // namespace

double ratio_error(double ratio, int toys) {
  return ratio / std::sqrt(2.0 * std::max(1, toys - 1));
}

std::vector<std::string> split_objectives(std::string_view list) {
  std::vector<std::string> out;
  std::size_t from = 0;
  while (from <= list.size()) {
    const auto to = std::min(list.find(',', from), list.size());
    const auto part = list.substr(from, to - from);
    const auto equal = part.find('='), colon = part.find(':');
    const bool goes_on = equal != part.npos && (colon == part.npos || colon > equal);
    if (goes_on && !out.empty())
      out.back() += "," + std::string(part);
    else if (!part.empty())
      out.emplace_back(part);
    from = to + 1;
  }
  return out;
}

Contender contender(const std::string& label,
                    const Plan& plan,
                    const Registry& registry) {
  Contender out;
  out.label = label;
  if (label == plan.study.objective.type) {
    out.objective = plan.study.objective.build();
  } else {
    const auto loaded =
        config::load<Choice>("objective: " + block_of(label), "--objectives", registry);
    out.objective = loaded.value.objective.build();
  }
  const auto objection = plan.solver->objection(*out.objective, plan.generator.get());
  if (objection.empty()) return out;
  auto other = registry.build<Solver>("fisher_scoring");
  if (!other->objection(*out.objective, plan.generator.get()).empty())
    throw Error(fmt::format("objective '{}' cannot be solved here: solver '{}' {}",
                            label,
                            plan.study.solver.type,
                            objection),
                "give a study whose solver plays it, such as studies/proxy1d/gan.yaml");
  out.solver = std::move(other);
  return out;
}

Comparison compare(const Plan& plan,
                   const Density& density,
                   const Dataset& data,
                   const std::vector<Contender>& contenders,
                   const CompareOptions& options) {
  expect(!contenders.empty(), "a comparison needs objectives");
  exchange::Communicator one(exchange::alone());
  auto& group = options.group ? *options.group : one;
  const bool leads = group.rank() == 0;
  Comparison out{
      plan.study.name, data.records(), plan.study.seed, !plan.truth.empty(), {}};
  const auto solver_of = [&](const Contender& c) -> const Solver& {
    return c.solver ? *c.solver : *plan.solver;
  };
  const auto task = [&](const Contender& c) {
    return task_of(plan, density, data, *c.objective);
  };
  // A toy costs about as much as a fit of the data.
  const double steps = static_cast<double>(contenders.size()) * (1.0 + options.toys);
  double done = 0;
  const auto say = [&](const Contender& c, double more) {
    if (options.progress) options.progress(c.label, (done + more) / steps);
  };
  ToyPlan toys{plan.truth, data.records(), {}};
  const auto fit_all = [&] {
    for (std::size_t i = 0; i < contenders.size(); ++i, ++done) {
      const Contender& c = contenders[i];
      say(c, 0);
      Compared& row = out.objectives.emplace_back();
      row.label = c.label;
      const auto theta = fit(plan, task(c), solver_of(c), row);
      if (toys.truth.empty()) toys.truth = theta;
      if (options.toys == 0 || theta.empty() || toys.truth.empty()) continue;
      if (!c.objective->is_function()) {
        row.notes.emplace_back("No toys: each is a training of networks.");
        continue;
      }
      predict(task(c), toys.truth, row);
      toys.contenders.push_back(i);
    }
  };
  constexpr std::uint64_t share_toys = 1;
  if (leads) {
    exchange::work_alone(group, fit_all);
    exchange::give_order(group, {share_toys, 0});
  } else {
    exchange::await_order(group);
  }
  auto bytes = to_bytes(toys);
  exchange::share_bytes(group, bytes, "plan of the toys");
  toys = toy_plan_from(bytes);
  for (const std::size_t i : toys.contenders) {
    const Contender& c = contenders[i];
    add_toys(
        task(c),
        solver_of(c),
        toys,
        options,
        [&](int n) { say(c, n); },
        leads ? &out.objectives[i] : nullptr);
    done += options.toys;
  }
  return out;
}

ordered_json to_json(const Comparison& c) {
  ordered_json out = {{"study", c.study},
                      {"records", c.records},
                      {"seed", c.seed},
                      {"truth_known", c.truth_known},
                      {"objectives", ordered_json::array()}};
  for (const auto& o : c.objectives) {
    ordered_json rows = ordered_json::array();
    for (const auto& q : o.quantities) rows.push_back(row_of(q, o.toys));
    ordered_json one = {{"objective", o.label},
                        {"outcome", o.outcome},
                        {"message", o.message},
                        {"parameters", rows},
                        {"notes", o.notes},
                        {"wall_s", o.wall_s},
                        {"cpu_s", o.cpu_s}};
    if (o.toys + o.failed > 0)
      one["toys"] = {{"fitted", o.toys}, {"failed", o.failed}, {"cpu_s", o.toys_cpu_s}};
    out["objectives"].push_back(std::move(one));
  }
  return out;
}

}  // namespace femto
