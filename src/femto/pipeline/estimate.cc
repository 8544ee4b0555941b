// Chooses or averages the members of an ensemble.
#include "femto/pipeline/estimate.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "femto/core/error.h"

namespace femto {

namespace {

bool usable(const Fit& fit) {
  return fit.outcome != Outcome::diverged &&
         std::ranges::all_of(fit.theta, [](double x) { return std::isfinite(x); });
}

std::vector<double> mean_of(const std::vector<const Fit*>& fits) {
  std::vector<double> mean(fits.front()->theta.size(), 0.0);
  for (const Fit* fit : fits)
    for (std::size_t j = 0; j < mean.size(); ++j)
      mean[j] += fit->theta[j] / static_cast<double>(fits.size());
  return mean;
}

void say_bootstrap(Estimate& e) {
  const double m = static_cast<double>(e.used.size());
  e.notes.push_back(fmt::format(
      "Values are means and errors the spread of {} members, each with its own bootstrap "
      "sample: they hold statistical and training error together and are themselves known "
      "to {:.0f} %.",
      e.used.size(),
      100 / std::sqrt(2 * (m - 1))));
}

void say_game(Estimate& e) {
  if (e.used.size() > 1)
    e.notes.push_back(fmt::format(
        "The {} members share the data: their spread measures training noise only, so no "
        "error is quoted. ensemble.bootstrap: true gives statistical and training error.",
        e.used.size()));
  else
    e.notes.push_back(
        "One adversarial solution has no error: the spread of a generator's output is not "
        "one. An ensemble with bootstrap (ensemble.members, ensemble.bootstrap) gives one.");
}

}  // namespace

Estimate estimate(const Objective& objective,
                  const std::vector<Fit>& members,
                  bool bootstrapped) {
  Estimate e;
  for (const Fit& fit : members)
    if (usable(fit)) e.used.push_back(&fit);
  if (e.used.empty())
    throw NumericalError(members.size() == 1
                             ? "the fit diverged: " + members.front().message
                             : fmt::format("all {} members diverged", members.size()),
                         "try other starts or a smaller learning rate");
  if (const std::size_t lost = members.size() - e.used.size(); lost > 0)
    e.notes.push_back(
        fmt::format("{} of {} members diverged and were left out: the spread of the rest "
                    "may be too small.",
                    lost,
                    members.size()));
  if (bootstrapped && e.used.size() > 1) {
    e.source = ErrorSource::bootstrap;
    e.theta = mean_of(e.used);
    say_bootstrap(e);
  } else if (objective.is_function()) {
    e.source = ErrorSource::function;
    const auto best =
        std::ranges::min_element(e.used, {}, [](const Fit* fit) { return fit->value; });
    e.theta = (*best)->theta;
    e.at_bound = (*best)->at_bound;
    if ((*best)->outcome != Outcome::converged)
      e.notes.push_back("The fit had not converged when it ended: " + (*best)->message);
  } else {
    e.theta = mean_of(e.used);
    say_game(e);
  }
  return e;
}

}  // namespace femto
