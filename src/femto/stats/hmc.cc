// Warm-up and draws of Hamiltonian chains.
#include "femto/stats/hmc.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/stats/linear.h"
#include "femto/stats/summary.h"

namespace femto::stats {
namespace {

constexpr std::size_t most_dense = 50;
/// Draws that the covariance before a window counts for.
constexpr double prior_draws = 5;

/// Nesterov's dual averaging of ln step. Source: Hoffman:2014 Eqs. (6) and algorithm 5.
class StepSearch {
 public:
  StepSearch(double first, double target)
      : target_(target), centre_(std::log(10 * first)), log_step_(std::log(first)) {}

  void learn(double acceptance) {
    constexpr double gamma = 0.05, t0 = 10, kappa = 0.75;
    ++count_;
    const double eta = 1 / (count_ + t0);
    error_ = (1 - eta) * error_ + eta * (target_ - acceptance);
    log_step_ = centre_ - std::sqrt(count_) / gamma * error_;
    const double weight = std::pow(count_, -kappa);
    log_mean_ = weight * log_step_ + (1 - weight) * log_mean_;
  }

  double step() const { return std::exp(log_step_); }

  double settled() const { return count_ > 0 ? std::exp(log_mean_) : step(); }

 private:
  double target_, centre_, log_step_;
  double log_mean_ = 0, error_ = 0, count_ = 0;
};

bool dense(const HmcOptions& options, std::size_t size) {
  return options.mass_matrix == MassMatrix::dense ||
         (options.mass_matrix == MassMatrix::automatic && size <= most_dense);
}

Metric metric_of(const Matrix& covariance, bool dense) {
  if (dense) return Metric::dense(covariance);
  std::vector<double> variances(covariance.rows);
  for (std::size_t i = 0; i < variances.size(); ++i) variances[i] = covariance(i, i);
  return Metric::diagonal(variances);
}

/// The covariance of a window, shrunk towards the one before it.
Matrix learnt(const std::vector<std::vector<double>>& draws, const Matrix& before) {
  const double n = static_cast<double>(draws.size());
  Matrix out(before.rows, before.cols);
  if (draws.size() > 1) add(out, n / (n + prior_draws), covariance(draws));
  add(out, prior_draws / (n + prior_draws), before);
  return out;
}

/// One chain while it runs.
class Walk {
 public:
  Walk(const LogDensity& density,
       const HmcOptions& options,
       std::size_t number,
       const std::vector<double>& start)
      : density_(density),
        options_(options),
        number_(number),
        stream_(random::Stream::named(options.seed, "nuts", number)),
        covariance_(options.covariance.rows ? options.covariance
                                            : identity(start.size())),
        metric_(metric_of(covariance_, dense(options, start.size()))) {
    at_.z = start;
    at_.gradient.resize(start.size());
    at_.log_density = density_(at_.z, at_.gradient);
    if (!std::isfinite(at_.log_density))
      throw NumericalError(
          fmt::format("chain {} starts where the density is zero or not finite", number));
  }

  Chain run() {
    warm_up();
    Chain out;
    for (int i = 0; i < options_.draws; ++i) {
      const NutsStep one = advance(out.step = step_);
      out.draws.push_back(at_.z);
      out.energies.push_back(one.energy);
      out.acceptance += one.acceptance / options_.draws;
      out.divergences = divergences_ += one.divergent;
      out.cut_short += one.depth >= options_.max_depth;
    }
    out.covariance = metric_.covariance();
    out.evaluations = evaluations_;
    return out;
  }

 private:
  NutsStep advance(double step) {
    if (options_.watch) options_.watch({number_, iteration_, acceptance_, divergences_});
    Dice dice(stream_, static_cast<std::uint64_t>(iteration_++));
    auto one = nuts_transition(density_, metric_, step, options_.max_depth, dice, at_);
    evaluations_ += one.evaluations;
    acceptance_ = one.acceptance;
    return one;
  }

  /// A step to begin with after every change of the metric.
  StepSearch search(double guess) {
    Dice dice(random::Stream::named(options_.seed, "nuts step", number_),
              static_cast<std::uint64_t>(iteration_));
    return {reasonable_step(density_, metric_, at_, guess, dice), options_.acceptance};
  }

  void warm_up() {
    const auto windows = warmup_windows(options_.warmup);
    StepSearch steps = search(1);
    std::vector<std::vector<double>> window;
    for (int i = 0; i < options_.warmup; ++i) {
      steps.learn(advance(steps.step()).acceptance);
      if (windows.ends.empty() || i < windows.begin || i >= windows.ends.back()) continue;
      window.push_back(at_.z);
      if (std::ranges::find(windows.ends, i + 1) == windows.ends.end()) continue;
      covariance_ = learnt(window, covariance_);
      metric_ = metric_of(covariance_, !metric_.is_diagonal());
      steps = search(steps.settled());
      window.clear();
    }
    step_ = steps.settled();
  }

  const LogDensity& density_;
  const HmcOptions& options_;
  std::size_t number_;
  random::Stream stream_;
  Matrix covariance_;
  Metric metric_;
  PhasePoint at_;
  double step_ = 1;
  int iteration_ = 0, divergences_ = 0;
  double acceptance_ = 0;
  std::uint64_t evaluations_ = 0;
};

}  // namespace

WarmupWindows warmup_windows(int warmup) {
  int first = 75, last = 50, base = 25;
  if (warmup < 20) return {warmup, {}};
  if (warmup < first + base + last) {
    first = warmup * 15 / 100;
    last = warmup / 10;
    base = warmup - first - last;
  }
  WarmupWindows out{first, {}};
  int end = first;
  for (int length = base; end < warmup - last; length *= 2) {
    end += length;
    // A window that would leave too little for the next takes the rest.
    if (end + 2 * length > warmup - last) end = warmup - last;
    out.ends.push_back(end);
  }
  return out;
}

std::vector<Chain> sample(const LogDensity& density,
                          const std::vector<std::vector<double>>& starts,
                          const HmcOptions& options) {
  expect(!starts.empty() && options.draws > 0, "sampling needs chains and draws");
  std::vector<Chain> chains(starts.size());
  parallel_for(starts.size(), [&](std::size_t c) {
    chains[c] =
        Walk(density, options, options.first + c * options.stride, starts[c]).run();
  });
  return chains;
}

}  // namespace femto::stats
