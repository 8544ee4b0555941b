// Chains of draws of the parameters, and what they are worth.
#include "femto/pipeline/posterior.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include <fmt/core.h>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/pipeline/gauge.h"
#include "femto/pipeline/identify_words.h"
#include "femto/stats/box_map.h"
#include "femto/stats/convergence.h"
#include "femto/stats/linear.h"
#include "femto/stats/summary.h"

namespace femto {

namespace {

/// A rise of -ln L that says the box does not reach the estimate in this gauge.
constexpr double same_likelihood = 0.01;
/// Standard deviation of the difference of two log-likelihoods that moves no interval
/// visibly: a mean by less than this many standard deviations.
constexpr double same_posterior = 0.05;
constexpr std::size_t compared_draws = 200;
/// Spread of the starts, in standard deviations of the curvature at the minimum: wider
/// than the posterior, so that R-hat sees chains that have not met.
constexpr double start_spread = 1.5;
constexpr int most_start_tries = 20;

using Held = std::vector<std::pair<std::size_t, double>>;

/// The box with the gauge fixed, and the minimum in it.
struct Fixed {
  std::vector<stats::Bound> box;
  std::vector<double> theta;
  Held held;
};

std::string names_of(const Held& held, const ParameterSetup& setup) {
  std::vector<std::string> names;
  for (const auto& [j, value] : held)
    names.push_back(fmt::format("{} at {:.6g}", setup.parameters[j].name, value));
  return listed(names);
}

std::string out_of_reach(double rise, const Held& held, const ParameterSetup& setup) {
  return fmt::format(
      "With {} held, the box of the others does not reach the estimate: -ln L is larger by "
      "{:.2g} at best. The posterior is the one in that box, and the estimate may lie "
      "outside its intervals. Where that is not the prior you mean, widen the boxes "
      "(parameters.NAME.lo, hi) or hold another value (parameters.NAME.start).",
      names_of(held, setup),
      rise);
}

/// The gauge is held where the study starts, whatever the data say: held at the estimate,
/// the prior would depend on the data, and intervals would not cover.
Fixed fix_gauge(const IntervalProblem& p,
                const ParameterSetup& setup,
                std::vector<std::string>& notes) {
  Fixed out{p.box, p.theta, {}};
  const auto taken_apart = spectrum(p.f(p.theta).curvature, setup.fixed);
  for (const std::size_t j : gauge_parameters(taken_apart, setup)) {
    out.box[j].fixed = true;
    out.theta[j] = setup.parameters[j].start;
    out.held.emplace_back(j, out.theta[j]);
  }
  if (out.held.empty()) return out;
  if (!std::isfinite(p.search()(out.theta).value))
    for (std::size_t j = 0; j < out.theta.size(); ++j)
      if (!setup.fixed[j]) out.theta[j] = setup.parameters[j].start;
  const auto m = stats::minimise(p.search(), out.theta, out.box);
  out.theta = m.x;
  const double rise = p.f(m.x).value - p.f_min;
  if (rise > same_likelihood) notes.push_back(out_of_reach(rise, out.held, setup));
  return out;
}

std::vector<std::vector<double>> spread_starts(const stats::LogDensity& density,
                                               const std::vector<double>& centre,
                                               const Matrix& curvature,
                                               const IntervalSettings& settings,
                                               std::uint64_t seed) {
  // A momentum of the metric `curvature` has its inverse as covariance.
  const auto shape = stats::Metric::dense(curvature);
  std::vector<std::vector<double>> starts;
  std::vector<double> gradient(centre.size());
  for (int c = 0; c < settings.chains; ++c) {
    stats::Dice dice(
        random::Stream::named(seed, "posterior starts", static_cast<std::uint64_t>(c)),
        0);
    std::vector<double> start = centre;
    double spread = start_spread;
    for (int k = 0; k < most_start_tries; ++k, spread /= 1.5) {
      const auto shift = shape.momentum(dice.normals(centre.size()));
      for (std::size_t i = 0; i < start.size(); ++i)
        start[i] = centre[i] + spread * shift[i];
      if (std::isfinite(density(start, gradient))) break;
      start = centre;
    }
    starts.push_back(std::move(start));
  }
  return starts;
}

/// Standard deviation of f - quick over some of the draws.
double quick_spread(const IntervalProblem& p, const Posterior& draws) {
  std::vector<const std::vector<double>*> all, some;
  for (const auto& chain : draws.theta)
    for (const auto& theta : chain) all.push_back(&theta);
  const std::size_t step = std::max<std::size_t>(1, all.size() / compared_draws);
  for (std::size_t i = 0; i < all.size(); i += step) some.push_back(all[i]);
  std::vector<double> difference(some.size());
  parallel_for(some.size(), [&](std::size_t i) {
    difference[i] = p.f(*some[i]).value - p.quick(*some[i]).value;
  });
  const double spread = stats::standard_deviation(difference);
  return std::isfinite(spread) ? spread : std::numeric_limits<double>::infinity();
}

std::string prior_sentence(const Posterior& posterior, const ParameterSetup& setup) {
  std::string text =
      "Intervals are equal-tailed intervals of the posterior; its prior is flat in the "
      "box of each free parameter";
  if (!posterior.held.empty())
    text += fmt::format(
        ", with {} held, since the data do not determine it: in other gauges the flat "
        "prior is another one",
        names_of(posterior.held, setup));
  return text + ".";
}

void summarise(const std::vector<stats::Chain>& chains,
               const stats::BoxMap& map,
               Posterior& out) {
  out.acceptance = 0;
  out.divergences = out.cut_short = 0;
  out.bfmi = std::numeric_limits<double>::infinity();
  for (const auto& chain : chains) {
    out.theta.emplace_back();
    for (const auto& z : chain.draws) out.theta.back().push_back(map.theta(z));
    out.acceptance += chain.acceptance / static_cast<double>(chains.size());
    out.divergences += chain.divergences;
    out.cut_short += chain.cut_short;
    out.evaluations += chain.evaluations;
    out.bfmi = std::min(out.bfmi, stats::bfmi(chain.energies));
  }
}

using Watch = std::function<void(const stats::HmcProgress&)>;

/// Fills the chains of `out`.
void sample_chains(const ChainRunner& run,
                   const Fixed& fixed,
                   const IntervalSettings& settings,
                   std::uint64_t seed,
                   const Watch& watch,
                   Posterior& out) {
  out.theta.clear();
  const stats::BoxMap map(fixed.box, fixed.theta);
  if (map.size() == 0) {
    out.theta.assign(static_cast<std::size_t>(settings.chains),
                     {static_cast<std::size_t>(settings.draws), fixed.theta});
    return;
  }
  summarise(run({fixed.box, fixed.theta, settings, seed}, watch), map, out);
}

ChainRunner runner_of(const stats::Function& f) {
  return [&f](const ChainWork& work, const Watch& watch) {
    return run_chains(f, work, watch);
  };
}

}  // namespace

std::vector<stats::Chain> run_chains(const stats::Function& f,
                                     const ChainWork& work,
                                     const Watch& watch) {
  const stats::BoxMap map(work.box, work.theta);
  const auto centre = map.z(work.theta);
  const auto curvature = map.curvature(centre, f(map.theta(centre)).curvature);
  const auto covariance = stats::cholesky_inverse(curvature);
  if (!covariance)
    throw NumericalError(
        "the curvature of the likelihood is not positive definite at the estimate, so no "
        "chain can start there",
        "use intervals.method=profile, or fix a parameter (parameters.NAME.fixed)");
  const auto density = map.density(f);
  const auto all = spread_starts(density, centre, curvature, work.settings, work.seed);
  std::vector<std::vector<double>> starts;
  for (std::size_t c = work.first; c < all.size(); c += work.stride)
    starts.push_back(all[c]);
  stats::HmcOptions options;
  options.warmup = work.settings.warmup;
  options.draws = work.settings.draws;
  options.acceptance = work.settings.acceptance;
  options.covariance = *covariance;
  options.seed = work.seed;
  options.first = work.first;
  options.stride = work.stride;
  options.watch = watch;
  return stats::sample(density, starts, options);
}

Posterior sample_posterior(const IntervalProblem& p,
                           const ParameterSetup& setup,
                           const IntervalSettings& settings,
                           std::uint64_t seed,
                           const Watch& watch,
                           const ChainRunner& quick_runner) {
  expect(p.is_likelihood && p.f, "a posterior needs a likelihood");
  const auto began = std::chrono::steady_clock::now();
  Posterior out;
  out.warmup = settings.warmup;
  const Fixed fixed = fix_gauge(p, setup, out.notes);
  out.held = fixed.held;
  out.notes.push_back(prior_sentence(out, setup));
  const auto search = p.search();
  const auto run = p.quick && quick_runner ? quick_runner : runner_of(search);
  sample_chains(run, fixed, settings, seed, watch, out);
  if (p.quick) {
    out.quick_spread = quick_spread(p, out);
    if (out.quick_spread > same_posterior) {
      out.quick_spread = 0;
      sample_chains(runner_of(p.f), fixed, settings, seed, watch, out);
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  out.seconds = took.count();
  return out;
}

std::vector<std::vector<double>> along_chains(const Posterior& posterior,
                                              const Quantity& quantity) {
  std::vector<std::vector<double>> out;
  for (const auto& chain : posterior.theta) {
    out.emplace_back();
    for (const auto& theta : chain) out.back().push_back(quantity.value(theta));
  }
  return out;
}

Quoted posterior_interval(const std::vector<std::vector<double>>& chains, double value) {
  std::vector<double> all;
  for (const auto& c : chains) all.insert(all.end(), c.begin(), c.end());
  Quoted q;
  q.method = "posterior";
  q.value = value;
  q.sd = stats::standard_deviation(all);
  const auto central = [&](double level) {
    return Interval{stats::quantile(all, (1 - level) / 2),
                    stats::quantile(all, (1 + level) / 2),
                    false,
                    false};
  };
  q.level68 = central(level68);
  q.level95 = central(level95);
  return q;
}

DrawQuality quality_of(const std::string& name,
                       const std::vector<std::vector<double>>& chains,
                       const std::optional<LearntDraws>& learnt) {
  std::vector<double> all;
  for (const auto& c : chains) all.insert(all.end(), c.begin(), c.end());
  if (learnt)
    return {name,
            stats::mean(all),
            stats::quantile(all, 0.5),
            std::numeric_limits<double>::quiet_NaN(),
            learnt->ess,
            learnt->ess};
  return {name,
          stats::mean(all),
          stats::quantile(all, 0.5),
          stats::split_rhat(chains),
          stats::ess_bulk(chains),
          stats::ess_tail(chains)};
}

}  // namespace femto
