// Intervals of every quantity of a task by the method that suits it.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "femto/pipeline/estimate.h"
#include "femto/pipeline/inference.h"
#include "femto/pipeline/intervals.h"
#include "femto/pipeline/posterior.h"

namespace femto {

struct QuotedAll {
  std::vector<double> theta;                     // a better one, if profiles found it
  Matrix covariance;                             // [parameter, parameter]
  std::vector<Quoted> quoted;                    // [quantity]
  std::vector<std::optional<Profile>> profiles;  // [quantity]
  std::optional<Posterior> posterior;            // of method posterior
  std::vector<DrawQuality> qualities;            // of its identified quantities
  std::vector<std::string> notes;
};

/// Method auto: Fisher, but profiles for all quantities when n lambda_min is below
/// `switch_below` or the estimate is at a bound, and for each quantity whose profile is
/// visibly asymmetric. A lower minimum met by a profile becomes the estimate and
/// everything is done again. Throws Error where a posterior is wanted of an objective
/// that is not a likelihood. `amortised`: for method amortised.
QuotedAll quote(const Task& task,
                const Estimate& estimate,
                const Identifiability& identifiability,
                const IntervalSettings& settings,
                Monitor& monitor,
                const Amortised* amortised = nullptr);

/// Student's t: x with P(T <= x) = probability.
double student_quantile(double probability, double degrees);

}  // namespace femto
