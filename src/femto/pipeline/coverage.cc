// Draws, fits and counts toys.
#include "femto/pipeline/coverage.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include <fmt/core.h>

#include "femto/core/error.h"
#include "femto/core/interrupt.h"
#include "femto/core/threads.h"
#include "femto/pipeline/modes.h"
#include "femto/pipeline/problem.h"
#include "femto/pipeline/simulate.h"
#include "femto/stats/distributions.h"
#include "femto/stats/summary.h"

namespace femto {

namespace {

/// Reasons of failed toys that are kept.
constexpr std::size_t most_failures = 5;

/// One quantity of one toy.
struct Made {
  double value = 0;
  Quoted fisher, profile;
};

struct Toy {
  std::vector<Made> made;  // [quantity of interest]; empty if the toy failed
  std::string failure;
};

/// Toys must not be the run's own events, which are drawn with the study's seed.
std::uint64_t toy_seed(std::uint64_t seed) {
  const auto bits = random::Stream::named(seed, "coverage").bits(0);
  return (std::uint64_t{bits[0]} << 32) | bits[1];
}

io::EventTable drawn(const Task& task,
                     const SamplerTable& table,
                     const CoverageOptions& options,
                     std::uint64_t k) {
  return simulated(
      task.experiment, table, options.truth, {toy_seed(options.seed), k}, options.records);
}

/// Side information fluctuates with the events: norms within their uncertainty, counts
/// as Poisson numbers with a luminosity within its own.
SideInformation drawn_side(const Task& task,
                           const CoverageOptions& options,
                           std::uint64_t k) {
  SideInformation side = task.side;
  const auto stream = random::Stream::named(options.seed, "coverage side", k);
  const auto norms = task.density.norms(options.truth).log_norm;
  for (std::size_t c = 0; c < side.norms.size(); ++c)
    side.norms[c] = std::exp(norms[c]) *
                    (1 + side.norm_uncertainties[c] * random::normal_pair(stream, c)[0]);
  const double spread = std::max(0.0, side.luminosity_uncertainty);
  const double luminosity =
      side.luminosity * (1 + spread * random::normal_pair(stream, 1000)[0]);
  for (std::size_t c = 0; c < side.counts.size(); ++c)
    side.counts[c] = static_cast<double>(random::poisson(
        random::uniform(stream, 2000 + c), luminosity * std::exp(norms[c])));
  for (std::size_t c = 0; c < side.constraints.size(); ++c)
    side.constraints[c] =
        measured_again(side.constraints[c], options.truth, stream, 3000 + c);
  return side;
}

Toy toy(const Task& task,
        const Solver& solver,
        const CoverageOptions& options,
        const SamplerTable& table,
        const std::vector<Quantity>& wanted,
        std::uint64_t k) {
  Toy out;
  const Dataset data(drawn(task, table, options, k));
  const SideInformation side = drawn_side(task, options, k);
  const Task mine{task.theory,
                  task.density,
                  task.sampler,
                  task.experiment,
                  task.objective,
                  task.generator,
                  data,
                  side,
                  task.setup,
                  {},
                  options.seed,
                  k};
  SilentMonitor monitor;
  try {
    const Fit fit = solver.solve(mine, monitor);
    if (fit.outcome != Outcome::converged) {
      out.failure = fit.message;
      return out;
    }
    IntervalProblem problem = problem_of(mine, fit.theta);
    Fisher errors = fisher(problem);
    const bool profiles = problem.is_likelihood &&
                          options.inference.intervals.method != IntervalMethod::fisher;
    if (profiles && find_modes(problem, errors, wanted, options.seed))
      errors = fisher(problem);
    for (const auto& q : wanted) {
      Made made{q.value(problem.theta), fisher_interval(errors, q, problem.theta), {}};
      if (profiles) made.profile = profile(problem, q).quoted;
      out.made.push_back(std::move(made));
    }
  } catch (const NumericalError& error) {
    out.made.clear();
    out.failure = error.what();
  }
  return out;
}

bool contains(const std::optional<Interval>& interval, double truth) {
  return interval && (interval->lo_open || interval->lo <= truth) &&
         (interval->hi_open || truth <= interval->hi);
}

CoverageRow row_of(const std::string& name,
                   const std::string& method,
                   double level,
                   const std::vector<bool>& inside) {
  CoverageRow row{name, method, level, 0, static_cast<int>(inside.size()), 0, 0};
  row.inside = static_cast<int>(std::ranges::count(inside, true));
  row.fraction = static_cast<double>(row.inside) / static_cast<double>(row.toys);
  row.binomial_error = stats::binomial_error(level, row.toys);
  return row;
}

void add_rows(const std::vector<Toy>& toys,
              std::size_t i,
              const std::string& name,
              double truth,
              Coverage& out) {
  using Member = Quoted Made::*;
  for (const Member method : {&Made::fisher, &Made::profile}) {
    std::string called;
    for (const auto& toy : toys)
      if (!toy.made.empty() && (toy.made[i].*method).sd)
        called = (toy.made[i].*method).method;
    if (called.empty()) continue;
    std::vector<bool> in68, in95;
    for (const auto& toy : toys) {
      const bool fitted = !toy.made.empty();
      in68.push_back(fitted && contains((toy.made[i].*method).level68, truth));
      in95.push_back(fitted && contains((toy.made[i].*method).level95, truth));
    }
    out.rows.push_back(row_of(name, called, level68, in68));
    out.rows.push_back(row_of(name, called, level95, in95));
  }
}

void add_pulls(const std::vector<Toy>& toys,
               std::size_t i,
               const std::string& name,
               double truth,
               double floor,
               Coverage& out) {
  std::vector<double> pulls, values;
  for (const auto& toy : toys) {
    if (toy.made.empty()) continue;
    values.push_back(toy.made[i].value);
    const auto& sd = toy.made[i].fisher.sd;
    if (sd && *sd > 0) pulls.push_back((toy.made[i].value - truth) / *sd);
  }
  if (pulls.size() < 2) return;
  PullRow row;
  const double n = static_cast<double>(pulls.size());
  row.name = name;
  row.mean = stats::mean(pulls);
  row.width = stats::standard_deviation(pulls);
  row.mean_error = row.width / std::sqrt(n);
  row.width_error = row.width / std::sqrt(2 * (n - 1));
  row.sd_over_floor = floor > 0 ? stats::standard_deviation(values) / floor : 0;
  out.pulls.push_back(row);
}

}  // namespace

Coverage cover(const Task& task, const Solver& solver, const CoverageOptions& options) {
  expect(options.toys > 0 && options.records > 0, "coverage needs toys with records");
  expect(options.truth.size() == task.setup.parameters.size(), "coverage needs a truth");
  const Identifiability id = identify(task.density,
                                      task.side,
                                      task.setup,
                                      options.truth,
                                      static_cast<double>(options.records));
  std::vector<Quantity> wanted;
  std::vector<double> floors;
  const auto all = quantities_of(task.theory);
  const std::size_t n = task.setup.parameters.size();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool known = i < n ? id.identified[i] && !task.setup.fixed[i]
                             : bool{id.derived_identified[i - n]};
    if (!known) continue;
    wanted.push_back(all[i]);
    floors.push_back(i < n ? id.floors[i] : id.derived_floors[i - n]);
  }
  const auto plan = task.sampler.plan(task.experiment.truth());
  const auto table = plan->at(task.experiment.true_part(options.truth));
  std::vector<Toy> toys(static_cast<std::size_t>(options.toys));
  std::atomic<int> done = 0;
  parallel_for(toys.size(), [&](std::size_t k) {
    if (interrupt_signal() != 0) throw Interrupted(interrupt_signal());
    toys[k] = toy(task, solver, options, *table, wanted, k);
    if (options.progress) options.progress(++done);
  });
  Coverage out;
  out.toys = options.toys;
  for (const auto& t : toys) {
    if (!t.made.empty() || wanted.empty()) continue;
    ++out.failed;
    if (out.failures.size() < most_failures) out.failures.push_back(t.failure);
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const double truth = wanted[i].value(options.truth);
    add_rows(toys, i, wanted[i].name, truth, out);
    add_pulls(toys, i, wanted[i].name, truth, floors[i], out);
  }
  return out;
}

nlohmann::ordered_json to_json(const Coverage& c) {
  nlohmann::ordered_json out;
  out["toys"] = c.toys;
  out["failed"] = c.failed;
  out["failures"] = c.failures;
  out["coverage"] = nlohmann::ordered_json::array();
  for (const auto& r : c.rows)
    out["coverage"].push_back({{"name", r.name},
                               {"method", r.method},
                               {"level", r.level},
                               {"inside", r.inside},
                               {"toys", r.toys},
                               {"fraction", r.fraction},
                               {"binomial_error", r.binomial_error}});
  out["pulls"] = nlohmann::ordered_json::array();
  for (const auto& p : c.pulls)
    out["pulls"].push_back({{"name", p.name},
                            {"mean", p.mean},
                            {"mean_error", p.mean_error},
                            {"width", p.width},
                            {"width_error", p.width_error},
                            {"sd_over_floor", p.sd_over_floor}});
  return out;
}

}  // namespace femto
