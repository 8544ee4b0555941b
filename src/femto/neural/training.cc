#include "femto/neural/training.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "femto/core/error.h"
#include "femto/core/interrupt.h"

namespace femto::neural {
namespace {

constexpr std::uint64_t evaluation_draw = std::uint64_t{1} << 62;
constexpr std::size_t evaluation_sets = 8;
constexpr std::size_t most_evaluation_events = 40'000;
constexpr std::size_t evaluation_noise = 256;
constexpr std::size_t final_noise = 4096;
constexpr int extra_directions = 6;

// Distances that differ by less cannot be told apart: about one standard deviation of the
// distance between samples of one distribution, whose mean is 1.
constexpr double noise_of_distance = 0.5;

const AdversarialSettings& settings_of(const Task& task) {
  const auto* objective = dynamic_cast<const Adversarial*>(&task.objective);
  expect(objective != nullptr, "the solver gan gets the objective adversarial");
  return objective->settings();
}

Standardiser standardiser(const GanSettings& settings, const Task& task) {
  if (settings.standardise == Scaling::log_odds &&
      !task.experiment.instrument().is_identity())
    throw Error(
        "standardise: log_odds cannot be used with this detector (measured values "
        "may lie outside the axes of the theory)",
        "use mean_sd");
  return Standardiser::fit(settings.standardise, task.theory, task.data);
}

Choice machine(const GanSettings& settings, const Task& task) {
  return choose(settings.device,
                gpu(),
                task.experiment,
                task.sampler,
                game_settings(settings, task).discriminator,
                settings_of(task).loss);
}

SideTerm side_term(const Task& task) {
  const double weight =
      settings_of(task).side_weight / static_cast<double>(task.data.rows());
  if (!task.side.any() || weight == 0) return {};
  return [&task, weight](std::span<const double> theta) {
    auto at = side_terms(task.side, task.density, theta);
    at.value *= weight;
    for (double& g : at.gradient) g *= weight;
    return at;
  };
}

/// Every rank trains on rows of its own if it has a discriminator of its own.
RealEventsOptions real_options(const GanSettings& settings, const Team* team) {
  RealEventsOptions out{.held_out = settings.held_out};
  if (!team || team->settings.what == Exchanged::all) return out;
  out.part = static_cast<std::uint64_t>(team->group.rank());
  out.parts = static_cast<std::uint64_t>(team->group.size());
  return out;
}

std::vector<double> mean_row(const Matrix& m) {
  std::vector<double> out(m.cols);
  for (std::size_t c = 0; c < m.cols; ++c) {
    for (std::size_t r = 0; r < m.rows; ++r) out[c] += m(r, c);
    out[c] /= static_cast<double>(m.rows);
  }
  return out;
}

bool all_finite(const StepReport& report) {
  const auto finite = [](double x) { return std::isfinite(x); };
  return finite(report.generator_loss) && finite(report.discriminator_loss) &&
         finite(report.gradient_norm) && std::ranges::all_of(report.theta, finite);
}

}  // namespace

GameSettings game_settings(const GanSettings& s, const Task& task) {
  GameSettings out;
  out.objective = settings_of(task);
  out.noise = task.generator->noise();
  out.generator = task.generator->network(static_cast<int>(task.setup.parameters.size()));
  out.discriminator = {static_cast<int>(columns_of(task.theory).size()),
                       s.discriminator.hidden,
                       1,
                       s.discriminator.activation,
                       s.discriminator.slope,
                       s.discriminator.biases,
                       s.discriminator.dropout};
  out.discriminator_weights =
      s.discriminator.spectral_norm ? Weights::spectral : Weights::raw;
  out.bias_sd = s.bias_sd;
  out.generator_adam = {s.learning_rate_generator, s.beta1, s.beta2};
  out.discriminator_adam = {s.learning_rate_discriminator, s.beta1, s.beta2};
  out.parameter_samples = static_cast<std::size_t>(s.parameter_samples);
  out.events_per_sample = static_cast<std::size_t>(s.events_per_sample);
  out.discriminator_steps = s.discriminator_steps;
  out.average = s.average;
  return out;
}

Training::Training(const GanSettings& settings, const Task& task, Monitor& monitor)
    : settings_(settings),
      task_(task),
      monitor_(monitor),
      machine_(machine(settings, task)),
      standard_(standardiser(settings, task)),
      simulator_(task.experiment, task.sampler, standard_, task.seed, task.member),
      real_(task.theory,
            task.data,
            task.weighting,
            standard_,
            task.seed,
            real_options(settings, task.team)),
      distance_(real_.held_out(), extra_directions, task.seed),
      game_(
          game_settings(settings, task),
          machine_.gpu
              ? on_gpu({task.experiment, task.sampler, standard_, task.seed, task.member})
              : on_cpu(simulator_),
          real_,
          task.setup,
          side_term(task),
          task.seed,
          task.member,
          task.team),
      best_(game_.averaged()),
      lowest_distance_(std::numeric_limits<double>::infinity()),
      best_distance_(lowest_distance_) {}

Fit Training::run() {
  restore();
  if (iteration_ == 0) say_what_is_played();
  while (iteration_ < settings_.iterations) {
    lose_time();
    const auto report = game_.step(rate_factor());
    ++iteration_;
    finite_ = finite_ && all_finite(report);
    if (!meets()) continue;
    const auto decision = meet(report);
    if (decision.verdict == Verdict::save) checkpoint();
    if (decision.signal != 0) throw Interrupted(decision.signal);
    if (decision.verdict > Verdict::save) return end_after(decision.verdict);
  }
  report_exchange();
  return finish(Outcome::converged,
                fmt::format("all {} iterations were played", settings_.iterations));
}

Training::Verdict Training::judge(const StepReport& report, bool finite) {
  if (!finite) return Verdict::diverged;
  if (iteration_ % settings_.evaluate_every == 0 || iteration_ == settings_.iterations)
    evaluate(report);
  if (out_of_patience()) return Verdict::no_better;
  if (out_of_time()) return Verdict::late;
  return monitor_.save_due() ? Verdict::save : Verdict::go_on;
}

Fit Training::end_after(Verdict verdict) {
  report_exchange();
  if (verdict == Verdict::diverged)
    return finish(
        Outcome::diverged,
        fmt::format("loss, gradient or parameters are not finite at iteration {}; the "
                    "last good generator is that of iteration {}",
                    iteration_,
                    best_iteration_));
  if (verdict == Verdict::no_better)
    return finish(Outcome::converged,
                  fmt::format("no better generator for {} evaluations, until iteration "
                              "{}",
                              settings_.patience,
                              iteration_));
  return finish(Outcome::stopped,
                fmt::format("the time limit was reached at iteration {} of {}",
                            iteration_,
                            settings_.iterations));
}

void Training::say_what_is_played() {
  if (task_.member > 0) return;
  const auto loss = settings_of(task_).loss;
  monitor_.note(std::string(equilibrium_text(loss)));
  monitor_.note(
      "The cloud of the generator is its spread over noise, not a posterior and not an "
      "error.");
  monitor_.note(task_.side.any()
                    ? "Norms or counts enter the generator's loss as a likelihood term."
                    : "Only shapes enter the generator's loss: no norms and no counts.");
  if (!machine_.note.empty()) monitor_.note(machine_.note);
}

void Training::evaluate(const StepReport& report) {
  const auto theta = mean_row(game_.proposals(game_.averaged(), evaluation_noise));
  Matrix sets(evaluation_sets, theta.size());
  for (std::size_t b = 0; b < sets.rows; ++b) std::ranges::copy(theta, sets.row(b));
  const auto n = std::min(most_evaluation_events, 4 * real_.held_out().cols);
  const auto batch = simulator_.draw(sets, n / evaluation_sets + 1, evaluation_draw);
  const double distance = distance_(batch.standardised(standard_));
  lowest_distance_ = std::min(lowest_distance_, distance);
  if (distance <= lowest_distance_ + noise_of_distance) {
    best_distance_ = distance;
    best_iteration_ = iteration_;
    best_.assign(game_.averaged());
  }
  Metrics line{"train",
               static_cast<std::uint64_t>(iteration_),
               static_cast<std::uint64_t>(settings_.iterations),
               {{"loss_generator", report.generator_loss},
                {"loss_discriminator", report.discriminator_loss},
                {"gradient_norm", report.gradient_norm},
                {"metric", distance}}};
  for (std::size_t p = 0; p < theta.size(); ++p)
    line.values.emplace_back("theta." + task_.setup.parameters[p].name, theta[p]);
  monitor_.report(line);
}

bool Training::out_of_patience() const {
  return settings_.patience > 0 &&
         iteration_ - best_iteration_ >=
             std::int64_t{settings_.patience} * settings_.evaluate_every;
}

bool Training::out_of_time() const {
  return settings_.minutes > 0 && elapsed_s() > 60 * settings_.minutes;
}

double Training::elapsed_s() const {
  const std::chrono::duration<double> here = std::chrono::steady_clock::now() - start_;
  return elapsed_before_s_ + here.count();
}

double Training::rate_factor() const {
  const double done =
      static_cast<double>(iteration_) / static_cast<double>(settings_.iterations);
  const double end = settings_.learning_rate_end;
  return end + (1 - end) * 0.5 * (1 + std::cos(std::numbers::pi * done));
}

void Training::save(io::State& state) const {
  game_.save(state);
  state.put("iteration", iteration_);
  if (!leads()) return;
  best_.save(state, "best");
  state.put("lowest_distance", lowest_distance_);
  state.put("best_distance", best_distance_);
  state.put("best_iteration", best_iteration_);
  state.put("elapsed_s", elapsed_s());
  state.put_text("standardiser", standard_.hash());
}

void Training::restore() {
  const auto state = restored();
  if (!state) return;
  if (leads() && state->text("standardiser") != standard_.hash())
    throw DataError("the data have another mean or spread than when the training began",
                    "resume with the data file that the run started with");
  game_.load(*state);
  iteration_ = state->integer("iteration");
  if (!leads()) return;
  best_.load(*state, "best");
  lowest_distance_ = state->number("lowest_distance");
  best_distance_ = state->number("best_distance");
  best_iteration_ = state->integer("best_iteration");
  elapsed_before_s_ = state->number("elapsed_s");
}

Fit Training::finish(Outcome outcome, std::string why) {
  Fit fit;
  fit.outcome = outcome;
  const auto cloud = game_.proposals(best_, final_noise);
  fit.theta = mean_row(cloud);
  for (std::size_t r = 0; r < cloud.rows; ++r)
    fit.cloud.emplace_back(cloud.row(r), cloud.row(r) + cloud.cols);
  fit.value = best_distance_;
  fit.message = fmt::format(
      "{}; best at iteration {}, distance to held-out data {:.3g} "
      "(1 = equal distributions)",
      why,
      best_iteration_,
      best_distance_);
  fit.iterations = static_cast<std::uint64_t>(iteration_);
  fit.simulated = game_.draws() *
                  static_cast<std::uint64_t>(settings_.parameter_samples) *
                  static_cast<std::uint64_t>(settings_.events_per_sample);
  fit.at_bound = game_.box().at_bound(fit.theta);
  return fit;
}

Fit train_gan(const GanSettings& settings, const Task& task, Monitor& monitor) {
  return Training(settings, task, monitor).run();
}

}  // namespace femto::neural
