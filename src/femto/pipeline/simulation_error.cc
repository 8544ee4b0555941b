// Bootstraps the simulated samples behind a detector.
#include "femto/pipeline/simulation_error.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "femto/core/threads.h"
#include "femto/pipeline/compress.h"
#include "femto/pipeline/spectrum.h"
#include "femto/stats/linear.h"
#include "femto/stats/summary.h"

namespace femto {
namespace {

/// Gradient and curvature of the objective with the densities of `theory`.
stats::Evaluation evaluation(const Task& task,
                             const Theory& theory,
                             const Dataset& data,
                             std::span<const double> theta) {
  const Density density(theory);
  const auto criterion =
      task.objective.bind({density, data, task.weighting, /*simulation=*/nullptr});
  auto e = criterion->evaluate(theta);
  if (!task.side.any()) return e;
  const auto more = side_terms(task.side, density, theta);
  for (std::size_t j = 0; j < e.gradient.size(); ++j) e.gradient[j] += more.gradient[j];
  stats::add(e.curvature, 1, more.curvature);
  return e;
}

bool finite(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double v) { return std::isfinite(v); });
}

std::vector<double> newton_step(const Matrix& inverse,
                                const std::vector<double>& from,
                                const std::vector<double>& to) {
  std::vector<double> step(from.size(), 0.0);
  for (std::size_t i = 0; i < step.size(); ++i)
    for (std::size_t j = 0; j < step.size(); ++j)
      step[i] -= inverse(i, j) * (to[j] - from[j]);
  return step;
}

}  // namespace

std::optional<Matrix> simulation_covariance(const Task& task,
                                            std::span<const double> theta,
                                            int replicas,
                                            std::vector<std::string>& notes) {
  const auto& instrument = task.experiment.instrument();
  const auto stream = [&](std::size_t r) {
    return random::Stream::named(task.seed, "simulated samples", r);
  };
  if (replicas < 2 || !task.objective.is_function() || !instrument.resampled(stream(0)))
    return {};
  std::optional<Dataset> few;
  if (task.weighting.replica == 0)
    if (auto table = compressed(task.theory, task.data)) few.emplace(std::move(*table));
  if (!few && (task.data.spread() || !task.data.in_memory())) {
    notes.emplace_back(
        "The simulated samples that the detector is made from are finite, and what that "
        "adds is in no error: the events are spread over ranks or not kept in memory. Fit "
        "a part of them alone to see how much it is.");
    return {};
  }
  const Dataset& data = few ? *few : task.data;
  if (!task.objective.bind({task.density, data})) return {};
  const auto here = evaluation(task, task.theory, data, theta);
  const Matrix inverse = spectrum(here.curvature, task.setup.fixed).inverse;
  std::vector<std::vector<double>> steps(static_cast<std::size_t>(replicas));
  parallel_for(steps.size(), [&](std::size_t r) {
    const auto theory = instrument.resampled(stream(r));
    const auto there = evaluation(task, *theory, data, theta);
    if (finite(there.gradient))
      steps[r] = newton_step(inverse, here.gradient, there.gradient);
  });
  std::erase_if(steps, [](const auto& step) { return step.empty(); });
  if (steps.size() < 2) return {};
  return stats::covariance(steps);
}

void add_simulation(double sd, Quoted& quoted) {
  if (!quoted.sd || !(*quoted.sd > 0) || !(sd > 0)) return;
  const double total = std::hypot(*quoted.sd, sd), ratio = total / *quoted.sd;
  const bool drawn = quoted.method == "posterior" || quoted.method == "amortised";
  const double centre = drawn && quoted.level68
                            ? 0.5 * (quoted.level68->lo + quoted.level68->hi)
                            : quoted.value;
  for (auto* level : {&quoted.level68, &quoted.level95}) {
    if (!*level) continue;
    Interval& i = **level;
    if (!i.lo_open) i.lo = centre + ratio * (i.lo - centre);
    if (!i.hi_open) i.hi = centre + ratio * (i.hi - centre);
  }
  quoted.sd = total;
  quoted.simulation = sd;
}

std::string simulation_words(const std::vector<Quantity>& quantities,
                             const std::vector<double>& share) {
  const auto most =
      static_cast<std::size_t>(std::ranges::max_element(share) - share.begin());
  return fmt::format(
      "The simulated samples that the detector is made from are finite. Errors and "
      "intervals hold what that adds: at most {:.2g} of the statistical error ({}).{}",
      share[most],
      quantities[most].name,
      share[most] > 0.5 ? " A larger simulation would make them smaller." : "");
}

}  // namespace femto
