// Chooses between Fisher errors and profiles, and makes them in parallel.
#include "femto/pipeline/quote.h"

#include <algorithm>
#include <atomic>

#include <boost/math/distributions/students_t.hpp>
#include <fmt/core.h>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/pipeline/amortised.h"
#include "femto/pipeline/chains.h"
#include "femto/pipeline/identify_words.h"
#include "femto/pipeline/modes.h"
#include "femto/pipeline/prior.h"
#include "femto/pipeline/problem.h"
#include "femto/pipeline/simulation_error.h"
#include "femto/stats/linear.h"

namespace femto {

namespace {

/// Times a lower minimum may become the new estimate.
constexpr int most_restarts = 3;

enum class Wish { none, fisher, profile, posterior, amortised, judge };

Wish wish_of(const IntervalProblem& p,
             const Estimate& estimate,
             const Identifiability& id,
             const IntervalSettings& settings,
             bool with_prior,
             std::vector<std::string>& notes) {
  if (settings.method == IntervalMethod::none) return Wish::none;
  if (settings.method == IntervalMethod::fisher) return Wish::fisher;
  if (settings.method == IntervalMethod::posterior) {
    if (!p.is_likelihood)
      throw Error("the objective is not a likelihood, so there is no posterior to sample",
                  "use objective: likelihood, or intervals.method=fisher");
    return Wish::posterior;
  }
  if (settings.method == IntervalMethod::amortised) return Wish::amortised;
  if (!p.is_likelihood) {
    if (settings.method == IntervalMethod::profile)
      notes.push_back(
          "The objective is not a likelihood, so there is no profile likelihood: errors "
          "come from the sandwich of its curvature and the variance of its gradient.");
    return Wish::fisher;
  }
  if (p.variance)
    notes.push_back(
        "Events have weights: errors come from the sandwich, with the sum of squared "
        "weights; likelihood ratios know nothing of it.");
  if (settings.method == IntervalMethod::profile) return Wish::profile;
  if (p.variance) return Wish::fisher;
  if (with_prior) {
    notes.push_back(
        "The theory's parameters are values of functions with a prior: their errors are "
        "Laplace's, from the curvature of likelihood and prior. Profiles of single values "
        "would say little; intervals.method=posterior draws functions.");
    return Wish::fisher;
  }
  if (std::ranges::find(estimate.at_bound, true) != estimate.at_bound.end()) {
    notes.push_back(
        "The estimate lies at the edge of its box: intervals are profile likelihood "
        "intervals.");
    return Wish::profile;
  }
  if (id.n_lambda_min < settings.switch_below) {
    notes.push_back(fmt::format(
        "Intervals are profile likelihood intervals: n lambda_min = {:.3g} is below {:.3g}, "
        "so the likelihood is not a parabola along the least known combination.",
        id.n_lambda_min,
        settings.switch_below));
    return Wish::profile;
  }
  return Wish::judge;
}

void say_asymmetric(const std::vector<Quantity>& quantities,
                    const std::vector<char>& profiled,
                    std::vector<std::string>& notes) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < quantities.size(); ++i)
    if (profiled[i]) names.push_back(quantities[i].name);
  if (!names.empty())
    notes.push_back(fmt::format(
        "The profile{} of {} {} visibly lopsided, so {} intervals are profile "
        "likelihood intervals.",
        names.size() == 1 ? "" : "s",
        listed(names),
        names.size() == 1 ? "is" : "are",
        names.size() == 1 ? "its" : "their"));
}

/// The parts of one pass; `lower` is set when a profile fell below the minimum.
struct Pass {
  QuotedAll all;
  std::vector<double> lower;
};

Pass pass(const IntervalProblem& p,
          const std::vector<Quantity>& quantities,
          Wish wish,
          Monitor& monitor) {
  Pass out;
  const Fisher f = fisher(p);
  out.all.theta = p.theta;
  out.all.covariance = f.covariance;
  if (wish == Wish::fisher || wish == Wish::judge) out.all.notes = f.notes;
  const std::size_t n = quantities.size();
  out.all.quoted.resize(n);
  out.all.profiles.resize(n);
  std::vector<char> lopsided(n, 0);
  std::atomic<std::uint64_t> finished = 0;
  parallel_for(n, [&](std::size_t i) {
    Quoted q = fisher_interval(f, quantities[i], p.theta);
    const bool known = q.sd && *q.sd > 0;
    if (known && wish == Wish::judge)
      lopsided[i] = asymmetry(p, f, quantities[i]) > visible_asymmetry;
    if (known && (wish == Wish::profile || lopsided[i])) {
      out.all.profiles[i] = profile(p, quantities[i]);
      q = out.all.profiles[i]->quoted;
      monitor.report({"profile", ++finished, n, {}});
    }
    if (wish == Wish::none) {
      const double value = q.value;
      q = Quoted{};
      q.value = value;
    }
    out.all.quoted[i] = std::move(q);
  });
  if (wish == Wish::judge) say_asymmetric(quantities, lopsided, out.all.notes);
  for (std::size_t i = 0; i < n; ++i) {
    const auto& made = out.all.profiles[i];
    if (!made) continue;
    if (out.lower.empty()) out.lower = made->lower;
    if (!made->converged)
      out.all.notes.push_back(fmt::format(
          "The profile search of {} did not settle: treat its interval with care.",
          quantities[i].name));
  }
  return out;
}

/// Tells how far the first chain is; all chains ask whether to stop.
std::function<void(const stats::HmcProgress&)> watch_of(const IntervalSettings& settings,
                                                        Monitor& monitor) {
  constexpr int every = 50;
  const int each = settings.warmup + settings.draws;
  return [&monitor, each, chains = settings.chains](const stats::HmcProgress& at) {
    if (monitor.save_due()) monitor.save({});
    if (at.chain == 0 && at.iteration % every == 0)
      monitor.report({"sample",
                      static_cast<std::uint64_t>(at.iteration * chains),
                      static_cast<std::uint64_t>(each * chains),
                      {{"acceptance", at.acceptance},
                       {"divergences", static_cast<double>(at.divergences)}}});
  };
}

/// Replaces the Fisher intervals of `all` by those of its posterior.
void quote_draws(const std::vector<Quantity>& quantities, QuotedAll& all) {
  for (std::size_t i = 0; i < quantities.size(); ++i) {
    Quoted& q = all.quoted[i];
    if (!q.sd || !(*q.sd > 0)) continue;
    const auto chains = along_chains(*all.posterior, quantities[i]);
    q = posterior_interval(chains, q.value);
    if (all.posterior->learnt) q.method = "amortised";
    all.qualities.push_back(
        quality_of(quantities[i].name, chains, all.posterior->learnt));
  }
  const auto add = [&](const std::vector<std::string>& notes) {
    all.notes.insert(all.notes.end(), notes.begin(), notes.end());
  };
  add(all.posterior->notes);
  add(warnings_of(*all.posterior, all.qualities));
}

/// By what finite simulated samples add.
void widen(const Task& task,
           const std::vector<Quantity>& quantities,
           int replicas,
           QuotedAll& all) {
  const auto more = simulation_covariance(task, all.theta, replicas, all.notes);
  if (!more) return;
  std::vector<double> share(quantities.size(), 0.0);
  for (std::size_t i = 0; i < quantities.size(); ++i) {
    Quoted& q = all.quoted[i];
    if (!q.sd || !(*q.sd > 0)) continue;
    const double sd = deviation(*more, quantities[i].gradient(all.theta));
    share[i] = sd / *q.sd;
    add_simulation(sd, q);
  }
  stats::add(all.covariance, 1, *more);
  all.notes.push_back(simulation_words(quantities, share));
}

void look_for_modes(IntervalProblem& p,
                    const std::vector<Quantity>& quantities,
                    std::uint64_t seed,
                    std::vector<std::string>& notes) {
  const double before = p.f_min;
  if (find_modes(p, fisher(p), quantities, seed))
    notes.push_back(fmt::format(
        "A lower minimum (by {:.3g}) lay nearby; the estimate was moved there.",
        before - p.f_min));
  if (!p.modes.empty())
    notes.push_back(fmt::format(
        "{} other minim{} of the likelihood cannot be excluded at 95 %: intervals reach "
        "around all of them.",
        p.modes.size(),
        p.modes.size() == 1 ? "um" : "a"));
}

}  // namespace

QuotedAll quote(const Task& task,
                const Estimate& estimate,
                const Identifiability& id,
                const IntervalSettings& settings,
                Monitor& monitor,
                const Amortised* amortised) {
  IntervalProblem p = problem_of(task, estimate.theta);
  const auto quantities = quantities_of(task.theory);
  std::vector<std::string> notes;
  const bool with_prior = !prior_of(task.experiment.truth()).empty();
  const Wish wish = wish_of(p, estimate, id, settings, with_prior, notes);
  const bool global = wish == Wish::profile || wish == Wish::posterior;
  if (global) look_for_modes(p, quantities, task.seed, notes);
  Pass done = pass(p, quantities, wish, monitor);
  for (int restart = 0; restart < most_restarts && !done.lower.empty(); ++restart) {
    const auto better = stats::minimise(p.f, done.lower, p.box);
    if (!(better.at.value < p.f_min - 1e-6)) break;
    notes.push_back(fmt::format(
        "A profile met a lower minimum (by {:.3g}); the estimate was moved there.",
        p.f_min - better.at.value));
    p.theta = better.x;
    settle(p);
    if (global) look_for_modes(p, quantities, task.seed, notes);
    done = pass(p, quantities, wish, monitor);
  }
  if (wish == Wish::posterior)
    done.all.posterior = sample_posterior(p,
                                          task.setup,
                                          settings,
                                          task.seed,
                                          watch_of(settings, monitor),
                                          chains_over_ranks(task));
  if (wish == Wish::amortised) {
    expect(amortised, "amortised intervals come from a learnt posterior");
    done.all.posterior =
        draw_amortised(*amortised, task, weighing(p, settings), settings, task.seed);
  }
  if (done.all.posterior && with_prior)
    done.all.posterior->notes.emplace_back(
        "In the box the prior is the theory's own, a factor of what is sampled.");
  if (done.all.posterior) quote_draws(quantities, done.all);
  if (wish != Wish::none) widen(task, quantities, settings.simulation_replicas, done.all);
  notes.insert(notes.end(), done.all.notes.begin(), done.all.notes.end());
  done.all.notes = std::move(notes);
  return std::move(done.all);
}

double student_quantile(double probability, double degrees) {
  return boost::math::quantile(boost::math::students_t(degrees), probability);
}

}  // namespace femto
