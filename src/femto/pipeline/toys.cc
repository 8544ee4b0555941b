// Draws and fits toys.
#include "femto/pipeline/toys.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "femto/core/error.h"
#include "femto/core/interrupt.h"
#include "femto/core/threads.h"
#include "femto/exchange/alone.h"
#include "femto/exchange/deal.h"
#include "femto/pipeline/amortised.h"
#include "femto/pipeline/inference.h"
#include "femto/pipeline/modes.h"
#include "femto/pipeline/posterior.h"
#include "femto/pipeline/problem.h"
#include "femto/pipeline/toy_data.h"
#include "femto/pipeline/toy_state.h"
#include "femto/stats/calibration.h"
#include "femto/stats/distributions.h"
#include "femto/stats/importance.h"
#include "femto/stats/summary.h"

namespace femto {

namespace {

/// Draws of a toy's posterior that are kept.
constexpr double most_kept = 100, least_kept = 20;
/// Toys have short chains; these have not met.
constexpr double toy_rhat = 1.1;

/// As many evenly spaced draws of all chains as the worst quantity has independent ones.
void keep_draws(const std::vector<std::vector<std::vector<double>>>& chains,
                double ess,
                std::vector<ToyQuantity>& made) {
  const double wanted =
      std::isfinite(ess) ? std::clamp(ess, least_kept, most_kept) : least_kept;
  for (std::size_t i = 0; i < made.size(); ++i) {
    std::vector<double> all;
    for (const auto& c : chains[i]) all.insert(all.end(), c.begin(), c.end());
    const std::size_t step = std::max<std::size_t>(
        1, all.size() / static_cast<std::size_t>(std::lround(wanted)));
    for (std::size_t k = 0; k < all.size(); k += step) made[i].draws.push_back(all[k]);
  }
}

/// In the middle of the gap among the draws that the truth falls into.
double pit_of(const std::vector<std::vector<double>>& chains, double truth) {
  std::vector<double> all;
  for (const auto& c : chains) all.insert(all.end(), c.begin(), c.end());
  return stats::rank_share(truth, all, 0.5);
}

void add_draws(const Posterior& posterior,
               const std::vector<Quantity>& quantities,
               Toy& out) {
  std::vector<std::vector<std::vector<double>>> chains;
  std::vector<DrawQuality> qualities;
  double ess = most_kept;
  for (std::size_t i = 0; i < quantities.size(); ++i) {
    chains.push_back(along_chains(posterior, quantities[i]));
    out.made[i].posterior = posterior_interval(chains[i], out.made[i].value);
    out.made[i].pit = pit_of(chains[i], out.made[i].truth);
    qualities.push_back(quality_of(quantities[i].name, chains[i], posterior.learnt));
    ess = std::min(ess, qualities.back().ess_bulk);
  }
  keep_draws(chains, ess, out.made);
  if (posterior.learnt) {
    const auto& l = *posterior.learnt;
    out.trusted = l.strangeness <= strange_data && l.ess > least_kept &&
                  l.pareto_k <= stats::pareto_limit;
    return;
  }
  for (const auto& q : qualities)
    out.trusted = out.trusted && q.rhat < toy_rhat && q.ess_bulk > least_kept;
}

void add_posterior(const Task& task,
                   const IntervalProblem& problem,
                   const std::vector<Quantity>& quantities,
                   const ToyOptions& options,
                   std::uint64_t k,
                   Toy& out) {
  const auto watch = [](const stats::HmcProgress&) {
    if (interrupt_signal() != 0) throw Interrupted(interrupt_signal());
  };
  const auto posterior = sample_posterior(problem,
                                          task.setup,
                                          options.intervals,
                                          toy_seed(options.seed, "posterior toys", k),
                                          watch);
  add_draws(posterior, quantities, out);
}

/// A toy of an amortised posterior: nothing is fitted.
Toy amortised_toy(const Task& task,
                  const ToyOptions& options,
                  const std::vector<Quantity>& quantities,
                  std::uint64_t k) {
  stats::Function likelihood;
  if (options.intervals.correct && task.objective.is_likelihood())
    likelihood = function_of(task);
  const auto posterior = draw_amortised(*options.amortised,
                                        task,
                                        likelihood,
                                        options.intervals,
                                        toy_seed(options.seed, "amortised toys", k));
  Toy out;
  for (const auto& q : quantities) {
    ToyQuantity made;
    made.truth = q.value(options.truths[k]);
    made.value = stats::mean(along_chains(posterior, q).front());
    out.made.push_back(std::move(made));
  }
  add_draws(posterior, quantities, out);
  return out;
}

Toy fitted(const Task& task,
           const Solver& solver,
           const ToyOptions& options,
           const std::vector<Quantity>& quantities,
           std::uint64_t k) {
  Toy out;
  SilentMonitor monitor;
  const Fit fit = solver.solve(task, monitor);
  if (fit.outcome != Outcome::converged) {
    out.failure = fit.message;
    return out;
  }
  IntervalProblem problem = problem_of(task, fit.theta);
  Fisher errors = fisher(problem);
  const auto method = options.intervals.method;
  const bool sampled = method == IntervalMethod::posterior;
  const bool profiled =
      problem.is_likelihood && !sampled && method != IntervalMethod::fisher;
  if (profiled && find_modes(problem, errors, quantities, options.seed))
    errors = fisher(problem);
  for (const auto& q : quantities) {
    ToyQuantity made;
    made.truth = q.value(options.truths[k]);
    made.value = q.value(problem.theta);
    made.fisher = fisher_interval(errors, q, problem.theta);
    if (profiled) made.profile = profile(problem, q).quoted;
    if (!profiled && made.fisher.sd && *made.fisher.sd > 0)
      made.pit = stats::normal_cdf((made.truth - made.value) / *made.fisher.sd);
    out.made.push_back(std::move(made));
  }
  if (sampled) add_posterior(task, problem, quantities, options, k, out);
  return out;
}

Toy toy(const Task& task,
        const Solver& solver,
        const ToyOptions& options,
        const SamplerTable& table,
        const std::vector<Quantity>& quantities,
        std::uint64_t k) {
  const ToyNumber number{options.seed, k};
  const Dataset data(toy_events(task, table, options.truths[k], options.records, number));
  const SideInformation side = toy_side(task, options.truths[k], number);
  const Task mine = toy_task(task, data, side, number);
  try {
    if (options.intervals.method == IntervalMethod::amortised)
      return amortised_toy(mine, options, quantities, k);
    return fitted(mine, solver, options, quantities, k);
  } catch (const NumericalError& error) {
    return {{}, error.what()};
  }
}

}  // namespace

ToyQuantities toy_quantities(const Task& task,
                             const std::vector<double>& theta,
                             std::uint64_t records) {
  const Identifiability id =
      identify(task.density, task.side, task.setup, theta, static_cast<double>(records));
  ToyQuantities out;
  out.n_lambda_min = id.n_lambda_min;
  const auto all = quantities_of(task.theory);
  const std::size_t n = task.setup.parameters.size();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool known = i < n ? id.identified[i] && !task.setup.fixed[i]
                             : bool{id.derived_identified[i - n]};
    if (!known) continue;
    out.quantities.push_back(all[i]);
    out.floors.push_back(i < n ? id.floors[i] : id.derived_floors[i - n]);
  }
  return out;
}

std::vector<Toy> run_toys(const Task& task,
                          const Solver& solver,
                          const std::vector<Quantity>& quantities,
                          const ToyOptions& options) {
  if (options.intervals.method == IntervalMethod::amortised && !options.amortised)
    throw Error("toys of amortised intervals need the posterior that was learnt",
                "use `femto calibrate`, or intervals.method=posterior");
  const auto& experiment = task.experiment;
  const auto plan = task.sampler.plan(experiment.truth());
  const auto same = [&](std::size_t k) { return options.truths[k] == options.truths[0]; };
  const auto first = plan->at(experiment.true_part(options.truths[0]));
  std::vector<Toy> toys(options.truths.size());
  int done = 0;
  exchange::Deal deal{.items = toys.size(),
                      .at_once = static_cast<std::size_t>(threads())};
  deal.work = [&](std::size_t k, const std::string&, const exchange::Say&) {
    if (interrupt_signal() != 0) throw Interrupted(interrupt_signal());
    const auto own =
        same(k) ? nullptr : plan->at(experiment.true_part(options.truths[k]));
    return io::to_bytes(
        to_state(toy(task, solver, options, own ? *own : *first, quantities, k)));
  };
  deal.take = [&](std::size_t k, const std::string& bytes) {
    toys[k] = toy_from(io::state_from(bytes));
    if (options.progress) options.progress(++done);
  };
  exchange::Communicator one(exchange::alone());
  for (const int rank : exchange::deal_out(options.group ? *options.group : one, deal))
    if (options.warn)
      options.warn(fmt::format("rank {} was lost; the others did its toys", rank));
  return toys;
}

}  // namespace femto
