// Several starts, one best minimum.
#include "femto/pipeline/search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/pipeline/binned.h"
#include "femto/pipeline/gauge.h"
#include "femto/pipeline/problem.h"
#include "femto/stats/linear.h"

namespace femto {
namespace {

/// Minima closer than this in value are the same one, or as good.
constexpr double same_value = 0.01;
/// Summaries lose a little information: one this close may win on the full data.
constexpr double close_value = 3;

/// Start 0 is the setup's; others are keyed points of the box.
std::vector<double> start_point(const Task& task, int number) {
  const auto stream = random::Stream::named(task.seed, "starts", task.member);
  std::vector<double> out;
  for (std::size_t k = 0; k < task.setup.parameters.size(); ++k) {
    const Parameter& p = task.setup.parameters[k];
    const bool fixed = k < task.setup.fixed.size() && task.setup.fixed[k];
    const double u = random::uniform(
        stream, static_cast<std::uint64_t>(number), static_cast<std::uint32_t>(k));
    out.push_back(number == 0 || fixed ? p.start : std::lerp(p.lo, p.hi, u));
  }
  return out;
}

stats::Function with_side_terms(const Task& task, const Criterion& criterion) {
  return [&task, &criterion](std::span<const double> theta) {
    stats::Evaluation e = criterion.evaluate(theta);
    if (!task.side.any() || !std::isfinite(e.value)) return e;
    try {
      const stats::Evaluation side = side_terms(task.side, task.density, theta);
      e.value += side.value;
      for (std::size_t k = 0; k < theta.size(); ++k) e.gradient[k] += side.gradient[k];
      stats::add(e.curvature, 1, side.curvature);
    } catch (const NumericalError&) {
      e.value = std::numeric_limits<double>::infinity();
    }
    return e;
  };
}

std::unique_ptr<Criterion> summary_of(const Task& task) {
  std::size_t axes = 1;
  for (const auto& channel : task.theory.channels())
    axes = std::max(axes, channel.axes.size());
  const std::size_t bins = axes == 1 ? 250 : (axes == 2 ? 40 : 10);
  return std::make_unique<BinnedLikelihood>(
      task.theory, task.data, task.weighting, bins, 3);
}

stats::MinimiseOptions options_of(const SearchSettings& settings) {
  stats::MinimiseOptions out;
  out.max_iterations = settings.max_iterations;
  out.tolerance = settings.tolerance;
  out.model = settings.model;
  return out;
}

/// The minimum from every start; nothing where the function is not finite.
std::vector<std::optional<stats::Minimum>> explore(const Task& task,
                                                   const SearchSettings& settings,
                                                   const stats::Function& f) {
  std::vector<std::optional<stats::Minimum>> found(
      static_cast<std::size_t>(settings.starts));
  const auto box = box_of(task.setup);
  stats::MinimiseOptions options = options_of(settings);
  options.tolerance = std::max(1e-7, settings.tolerance);
  parallel_for(found.size(), [&](std::size_t i) {
    try {
      found[i] = stats::minimise(f, start_point(task, static_cast<int>(i)), box, options);
    } catch (const NumericalError&) {
      found[i].reset();
    }
  });
  return found;
}

/// One minimum per value among those close to the best, best first. Of minima as good as
/// the best the first start's counts, so that a free scale stays near the study's start.
std::vector<stats::Minimum> candidates(
    const std::vector<std::optional<stats::Minimum>>& found) {
  std::vector<stats::Minimum> all, out;
  for (const auto& m : found)
    if (m) all.push_back(*m);
  if (all.empty()) return out;
  const auto value = [](const stats::Minimum& m) { return m.at.value; };
  const double best = value(*std::ranges::min_element(all, {}, value));
  out.push_back(*std::ranges::find_if(
      all, [&](const auto& m) { return value(m) - best <= same_value; }));
  std::ranges::stable_sort(all, {}, value);
  for (const auto& m : all)
    if (out.size() < 3 && value(m) - best < close_value &&
        value(m) - std::max(best, value(out.back())) > same_value)
      out.push_back(m);
  return out;
}

/// Tells the user when starts end in different minima, or nowhere.
void note_starts(const std::vector<std::optional<stats::Minimum>>& found,
                 Monitor& monitor) {
  double best = std::numeric_limits<double>::infinity(), next = best;
  for (const auto& m : found)
    if (m) best = std::min(best, m->at.value);
  std::size_t same = 0, other = 0, lost = 0;
  for (const auto& m : found) {
    if (!m) {
      ++lost;
    } else if (m->at.value - best <= same_value) {
      ++same;
    } else {
      ++other;
      next = std::min(next, m->at.value);
    }
  }
  if (other > 0)
    monitor.note(
        fmt::format("{} of {} starts reached the best minimum; {} ended elsewhere, the "
                    "nearest {:.3g} above it in the objective",
                    same,
                    found.size(),
                    other,
                    next - best));
  if (lost > 0)
    monitor.note(
        fmt::format("{} of {} starts were left out: the objective is not finite there",
                    lost,
                    found.size()));
}

/// Reports every iteration and lets the run save or stop. The search is quick and
/// repeatable, so its state is empty: it starts anew.
auto reporter(const Task& task, Monitor& monitor, std::uint64_t& iterations) {
  return [&task, &monitor, &iterations](
             int, double value, double gradient_norm, std::span<const double> theta) {
    Metrics line{"fit", iterations++, 0, {}};
    line.values = {{"nll", value}, {"gradient_norm", gradient_norm}};
    for (std::size_t k = 0; k < theta.size(); ++k)
      line.values.emplace_back(task.setup.parameters[k].name, theta[k]);
    monitor.report(line);
    if (monitor.save_due()) monitor.save({});
  };
}

std::string message_of(const Task& task, const stats::Minimum& best) {
  std::string text = fmt::format("{} after {} iterations ({} evaluations)",
                                 best.message,
                                 best.iterations,
                                 best.evaluations);
  for (std::size_t k = 0; k < best.x.size(); ++k)
    if (best.at_bound[k])
      text += fmt::format("; {} is at its {} bound {}",
                          task.setup.parameters[k].name,
                          best.x[k] == task.setup.parameters[k].lo ? "lower" : "upper",
                          best.x[k]);
  return text;
}

Fit lost(const Task& task, const Criterion& criterion, const std::string& reason) {
  Fit fit;
  fit.theta = start_point(task, 0);
  fit.outcome = Outcome::diverged;
  fit.value = std::numeric_limits<double>::infinity();
  const std::string why = criterion.explain(fit.theta);
  fit.message = why.empty() ? reason : reason + ": " + why;
  return fit;
}

}  // namespace

std::string search_objection(const Objective& objective) {
  if (objective.is_function()) return {};
  return "needs an objective that is a function of the parameters (likelihood, moments)";
}

Fit search(const Task& task, const SearchSettings& settings, Monitor& monitor) {
  const auto criterion = bound(task);
  expect(criterion != nullptr, "an objective that is a function binds to one");
  const auto f = with_side_terms(task, *criterion);
  std::vector<std::vector<double>> starts{start_point(task, 0)};
  if (settings.starts > 1) {
    const auto summary = task.data.in_memory() ? summary_of(task) : nullptr;
    const auto rough = with_side_terms(task, summary ? *summary : *criterion);
    const auto found = explore(task, settings, rough);
    note_starts(found, monitor);
    starts.clear();
    for (const auto& m : candidates(found)) starts.push_back(m.x);
    if (starts.empty()) return lost(task, *criterion, "no start has a finite objective");
  }
  std::optional<stats::Minimum> best;
  std::uint64_t iterations = 0;
  std::string reason;
  stats::MinimiseOptions options = options_of(settings);
  options.watch = reporter(task, monitor, iterations);
  for (const auto& start : starts) try {
      const auto m = stats::minimise(f, start, box_of(task.setup), options);
      if (!best || m.at.value < best->at.value) best = m;
    } catch (const NumericalError& error) {
      reason = error.what();
    }
  if (!best) return lost(task, *criterion, reason);
  best->x = nearest_start(f, task.setup, best->at.curvature, best->x);
  const auto box = box_of(task.setup);
  for (std::size_t k = 0; k < box.size(); ++k)
    best->at_bound[k] = best->at_bound[k] && !box[k].fixed &&
                        (best->x[k] == box[k].lo || best->x[k] == box[k].hi);
  Fit fit;
  fit.theta = best->x;
  fit.outcome = best->converged ? Outcome::converged : Outcome::stopped;
  fit.value = best->at.value;
  fit.message = message_of(task, *best);
  fit.iterations = iterations;
  fit.at_bound = best->at_bound;
  return fit;
}

}  // namespace femto
