// From fits to rows of result.json: one estimate, its errors, floors and intervals.
#include "femto/pipeline/inference.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/pipeline/draws.h"
#include "femto/pipeline/estimate.h"
#include "femto/pipeline/identify_words.h"
#include "femto/pipeline/problem.h"
#include "femto/pipeline/quote.h"
#include "femto/pipeline/result_rows.h"
#include "femto/stats/distributions.h"
#include "femto/stats/summary.h"

namespace femto {

namespace {

/// Everything between the fits and the rows.
struct Work {
  const Task& task;
  const InferenceOptions& options;
  std::vector<Quantity> quantities;  // parameters, then derived
  Estimate estimate;
  std::vector<Quoted> quoted;                 // [quantity]
  std::vector<std::optional<double>> spread;  // [quantity]
  Matrix covariance;
  nlohmann::ordered_json posterior;
  double sampling_s = 0;
  std::vector<io::Array> arrays;
  std::vector<std::string> notes;
};

/// Student's t keeps the coverage of an error estimated from few members.
Quoted from_members(std::span<const double> values, bool identified) {
  Quoted q;
  q.value = stats::mean(values);
  if (!identified) return q;
  const double m = static_cast<double>(values.size());
  const double sd = stats::standard_deviation(values);
  q.method = "ensemble";
  q.sd = sd;
  const auto around = [&](double level) {
    const double t = student_quantile((1 + level) / 2, m - 1) * sd * std::sqrt(1 + 1 / m);
    return Interval{q.value - t, q.value + t, false, false};
  };
  q.level68 = around(level68);
  q.level95 = around(level95);
  return q;
}

std::vector<std::vector<double>> points_of(const std::vector<const Fit*>& fits) {
  std::vector<std::vector<double>> out;
  for (const Fit* fit : fits) out.push_back(fit->theta);
  return out;
}

std::vector<double> column(const Quantity& q, const std::vector<const Fit*>& fits) {
  std::vector<double> out;
  for (const Fit* fit : fits) out.push_back(q.value(fit->theta));
  return out;
}

bool is_identified(const Identifiability& i, std::size_t quantity) {
  const std::size_t n = i.identified.size();
  return quantity < n ? i.identified[quantity] : i.derived_identified[quantity - n];
}

double floor_of(const Identifiability& i, std::size_t quantity) {
  const std::size_t n = i.floors.size();
  return quantity < n ? i.floors[quantity] : i.derived_floors[quantity - n];
}

/// The unit of all quantities, or where to look for them.
std::string common_unit(const Task& task) {
  std::vector<std::string> units;
  for (const auto& p : task.setup.parameters) units.push_back(p.unit);
  for (const auto& d : task.theory.derived()) units.push_back(d.unit);
  std::ranges::sort(units);
  const auto rest = std::ranges::unique(units);
  units.erase(rest.begin(), rest.end());
  return units.size() == 1 ? units[0] : "see result.json";
}

void quote_function(Work& w, const Identifiability& before, Monitor& monitor) {
  auto result = quote(
      w.task, w.estimate, before, w.options.intervals, monitor, w.options.amortised);
  w.estimate.theta = result.theta;
  w.quoted = std::move(result.quoted);
  w.covariance = std::move(result.covariance);
  for (auto& note : result.notes) w.notes.push_back(std::move(note));
  for (std::size_t i = 0; i < w.quantities.size(); ++i) {
    if (!result.profiles[i]) continue;
    for (auto& a : profile_arrays(w.quantities[i].name, *result.profiles[i]))
      w.arrays.push_back(std::move(a));
  }
  if (!result.posterior) {
    w.arrays.push_back(
        normal_draws(w.estimate.theta, w.covariance, w.quantities, w.task.seed));
    return;
  }
  w.posterior = to_json(*result.posterior, result.qualities, w.task.setup);
  w.sampling_s = result.posterior->seconds;
  auto draws = draws_array(*result.posterior, w.quantities);
  draws.unit = common_unit(w.task);
  w.arrays.push_back(std::move(draws));
}

void quote_members(Work& w, const Identifiability& id) {
  const bool bootstrap = w.estimate.source == ErrorSource::bootstrap;
  const std::size_t n = w.task.setup.parameters.size();
  w.covariance = Matrix(n, n);
  if (bootstrap) w.covariance = stats::covariance(points_of(w.estimate.used));
  for (std::size_t i = 0; i < w.quantities.size(); ++i) {
    Quoted q;
    const auto values = column(w.quantities[i], w.estimate.used);
    if (bootstrap) q = from_members(values, is_identified(id, i));
    if (!bootstrap && values.size() > 1) w.spread[i] = stats::standard_deviation(values);
    q.value = i < n ? w.estimate.theta[i] : w.quantities[i].value(w.estimate.theta);
    w.quoted.push_back(std::move(q));
  }
  const auto cloud = cloud_of(w.estimate.used);
  if (!cloud.empty())
    w.arrays.push_back(points_array(
        "samples/parameters",
        {"draw", "quantity"},
        "Output of the generator over noise vectors; not a posterior, its spread is not "
        "an error.",
        cloud,
        w.quantities));
  else if (bootstrap)
    w.arrays.push_back(
        normal_draws(w.estimate.theta, w.covariance, w.quantities, w.task.seed));
}

ResultRow row_of(const Work& w,
                 std::size_t i,
                 const Identifiability& id,
                 const std::optional<Identifiability>& at_truth) {
  const std::size_t n = w.task.setup.parameters.size();
  ResultRow row;
  row.quoted = w.quoted[i];
  row.identified = is_identified(id, i);
  row.floor = floor_of(id, i);
  row.spread = w.spread[i];
  if (i < n) {
    const Parameter& p = w.task.setup.parameters[i];
    row.name = p.name;
    row.unit = p.unit;
    row.about = p.about;
    row.fixed = w.task.setup.fixed[i];
    row.at_bound = i < w.estimate.at_bound.size() && w.estimate.at_bound[i];
  } else {
    const Derived d = w.task.theory.derived()[i - n];
    row.name = d.name;
    row.unit = d.unit;
    row.about = d.about;
  }
  if (at_truth) {
    row.truth = w.quantities[i].value(w.options.truth);
    row.floor_at_truth = floor_of(*at_truth, i);
  }
  return row;
}

void say_gauge(const Identifiability& id, std::vector<std::string>& notes) {
  for (const auto& d : id.null_directions) {
    std::vector<std::string> names;
    for (const auto& [name, c] : d.combination) names.push_back(name);
    notes.push_back(fmt::format(
        "{} {} not determined by these data: the {} shown {} where the search ended, "
        "moved along no null direction.",
        listed(names),
        names.size() == 1 ? "is" : "are",
        names.size() == 1 ? "value" : "values",
        names.size() == 1 ? "is" : "are"));
  }
}

}  // namespace

Inference infer(const Task& task,
                const std::vector<Fit>& members,
                bool bootstrapped,
                const InferenceOptions& options,
                Monitor& monitor) {
  expect(!members.empty(), "inference needs a fit");
  Work w{task, options, quantities_of(task.theory), {}, {}, {}, {}, {}, 0, {}, {}};
  w.estimate = estimate(task.objective, members, bootstrapped);
  w.spread.resize(w.quantities.size());
  const auto identified_at = [&](std::span<const double> theta) {
    return identify(task.density,
                    task.side,
                    task.setup,
                    theta,
                    static_cast<double>(task.data.records()));
  };
  Inference out;
  out.identifiability = identified_at(w.estimate.theta);
  if (w.estimate.source == ErrorSource::function) {
    const auto before = w.estimate.theta;
    quote_function(w, out.identifiability, monitor);
    if (w.estimate.theta != before) out.identifiability = identified_at(w.estimate.theta);
  } else {
    quote_members(w, out.identifiability);
  }
  std::optional<Identifiability> at_truth;
  if (!options.truth.empty()) at_truth = identified_at(options.truth);
  out.parameters = out.derived = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < w.quantities.size(); ++i)
    (i < w.estimate.theta.size() ? out.parameters : out.derived)
        .push_back(to_json(row_of(w, i, out.identifiability, at_truth)));
  out.theta = w.estimate.theta;
  out.covariance = w.covariance;
  out.posterior = std::move(w.posterior);
  out.sampling_s = w.sampling_s;
  out.arrays = std::move(w.arrays);
  out.arrays.push_back(covariance_array(w.covariance));
  if (members.size() > 1)
    out.arrays.push_back(points_array("ensemble/members",
                                      {"member", "quantity"},
                                      "Estimates of the members that did not diverge.",
                                      points_of(w.estimate.used),
                                      w.quantities));
  out.notes = std::move(w.estimate.notes);
  for (auto& note : w.notes) out.notes.push_back(std::move(note));
  say_gauge(out.identifiability, out.notes);
  return out;
}

}  // namespace femto
