// Draws from the posterior of a likelihood with a prior that is flat in the box.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "femto/io/arrays.h"
#include "femto/pipeline/intervals.h"
#include "femto/pipeline/solver.h"
#include "femto/pipeline/study.h"
#include "femto/stats/hmc.h"

namespace femto {

/// Where draws of an amortised posterior come from, and what they are worth.
struct LearntDraws {
  std::uint64_t simulations = 0;  // that it was learnt from
  std::string from;               // run it was read from; empty: this one
  double training_s = 0;
  double strangeness = 0;  // of the data: above 1 beyond all simulations
  bool corrected = false;  // weighted by the likelihood, then resampled
  double ess = 0, largest_weight = 0, pareto_k = 0;
};

/// The chains of one posterior.
struct Posterior {
  /// Parameters that were held, and where: what no event can determine (a gauge).
  std::vector<std::pair<std::size_t, double>> held;
  std::vector<std::vector<std::vector<double>>> theta;  // [chain][draw][parameter]
  int warmup = 0;
  double acceptance = 0;  // mean over the draws
  double bfmi = 1;        // of the worst chain
  int divergences = 0;
  int cut_short = 0;              // trajectories at the largest depth
  std::uint64_t evaluations = 0;  // of the likelihood
  double seconds = 0;             // of sampling
  double quick_spread = 0;  // of exact - quick -ln L over the draws; 0: run on the exact
  std::optional<LearntDraws> learnt;  // in place of chains: independent draws
  std::vector<std::string> notes;
};

/// Chains of exp(-f) in a box.
struct ChainWork {
  std::vector<stats::Bound> box;  // what is held is fixed
  std::vector<double> theta;      // the minimum
  IntervalSettings settings;
  std::uint64_t seed = 1;
  std::size_t first = 0, stride = 1;  // of settings.chains: first, first + stride, ...
};

/// Each depends on f, the seed and its number alone. Throws NumericalError where the
/// curvature is not positive definite.
std::vector<stats::Chain> run_chains(
    const stats::Function& f,
    const ChainWork& work,
    const std::function<void(const stats::HmcProgress&)>& watch);

/// All chains of the problem's quick function, wherever they run.
using ChainRunner = std::function<std::vector<stats::Chain>(
    const ChainWork& work, const std::function<void(const stats::HmcProgress&)>& watch)>;

/// Samples exp(-f) with a prior that is flat in the box of every free parameter. Null
/// directions of the curvature at the estimate are fixed first: `gauge_parameters` are
/// held at the start of the setup, or where the estimate is if the rest of the box does
/// not reach the same likelihood from there. Chains start spread around the minimum; they
/// depend on the seed alone. Where the problem has a quick function the chains run on it;
/// it is then compared with the exact one at draws, and the chains are run again on the
/// exact one if the two differ. `quick_runner`, unless empty, runs the chains on the
/// quick function. Source: Hoffman:2014.
Posterior sample_posterior(const IntervalProblem& problem,
                           const ParameterSetup& setup,
                           const IntervalSettings& settings,
                           std::uint64_t seed,
                           const std::function<void(const stats::HmcProgress&)>& watch,
                           const ChainRunner& quick_runner = {});

/// A quantity along the chains: [chain][draw].
std::vector<std::vector<double>> along_chains(const Posterior& posterior,
                                              const Quantity& quantity);

/// Equal-tailed intervals of the draws and their standard deviation around `value`.
Quoted posterior_interval(const std::vector<std::vector<double>>& chains, double value);

/// How far the draws of one quantity can be trusted.
struct DrawQuality {
  std::string name;
  double mean = 0, median = 0, rhat = 0, ess_bulk = 0, ess_tail = 0;
};

/// Of an amortised posterior R-hat is NaN and both sizes are those of its weights.
DrawQuality quality_of(const std::string& name,
                       const std::vector<std::vector<double>>& chains,
                       const std::optional<LearntDraws>& learnt = {});

/// Chains agree below this, and quantiles are known above this effective sample size.
inline constexpr double rhat_limit = 1.01, ess_limit = 400, bfmi_limit = 0.3;

/// Data farther out than this times the farthest simulation are unlike all of them.
inline constexpr double strange_data = 1.2;

/// Sentences on what is wrong with the draws, and what to do; none if all is well.
std::vector<std::string> warnings_of(const Posterior& posterior,
                                     const std::vector<DrawQuality>& qualities);

/// "posterior" of result.json.
nlohmann::ordered_json to_json(const Posterior& posterior,
                               const std::vector<DrawQuality>& qualities,
                               const ParameterSetup& setup);

/// "posterior/draws" [chain, draw, quantity].
io::Array draws_array(const Posterior& posterior,
                      const std::vector<Quantity>& quantities);

}  // namespace femto
