// Errors and intervals of one estimate: curvature of the function, or its profile.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "femto/pipeline/profile.h"
#include "femto/pipeline/spectrum.h"

namespace femto {

/// A function to minimise and its estimate. Call `settle` when it is filled.
struct IntervalProblem {
  stats::Function f;      // scaled like a negative log-likelihood
  stats::Function quick;  // nearly the same and much cheaper, for searches; or empty
  /// Variance of the gradient of f where it is not its curvature; or empty.
  std::function<Matrix(std::span<const double>)> variance;
  bool is_likelihood = true;
  std::vector<stats::Bound> box;
  std::vector<double> theta;  // where f is smallest [parameter]
  double f_min = 0;
  std::vector<double> quick_theta;  // the same of `quick`
  double quick_min = 0;
  std::vector<std::vector<double>> modes;  // other minima not excluded at 95 %

  const stats::Function& search() const { return quick ? quick : f; }

  const std::vector<double>& search_theta() const { return quick ? quick_theta : theta; }

  double search_min() const { return quick ? quick_min : f_min; }
};

/// Fills f_min and finds the minimum of `quick` next to `theta`.
void settle(IntervalProblem& problem);

/// Errors from the curvature at the estimate.
struct Fisher {
  Spectrum spectrum;  // of the expected curvature, whole data set
  Matrix covariance;  // [parameter, parameter]; only along identifiable directions
  bool observed = false;
  bool sandwich = false;  // the variance of the gradient was used
  std::vector<std::string> notes;
};

/// Inverse of the observed curvature: central differences of the exact gradient over 1 %
/// of a standard deviation along the identifiable directions. Falls back to the expected
/// curvature, and says so, where the observed one is not positive definite or the box is
/// in the way. Not a likelihood: always the expected one. Where the problem has a
/// variance, it stands between the inverses (sandwich).
Fisher fisher(const IntervalProblem& problem);

/// The same from the expected curvature at any point: what data drawn there will give.
Fisher predicted_errors(const IntervalProblem& problem, std::span<const double> theta);

struct Interval {
  double lo = 0, hi = 0;
  bool lo_open = false, hi_open = false;  // the box ends before the level is reached
};

struct Quoted {
  std::string method = "none";  // "fisher", "sandwich", "profile", "none"
  double value = 0;
  std::optional<double> sd;  // of a profile: half the width of its 68 % interval
  std::optional<Interval> level68, level95;
  double simulation = 0;  // part of sd: from finite simulated samples
};

/// value -+ quantile * sd.
Quoted fisher_interval(const Fisher& fisher,
                       const Quantity& quantity,
                       std::span<const double> theta);

/// A profile likelihood, sampled: value [point] ascending and 2 Delta f [point].
struct Profile {
  Quoted quoted;
  std::vector<double> value, rise;
  bool converged = true;
  std::vector<double> lower;  // a better point found on the way, or empty
};

/// The outermost points where 2 Delta f crosses the chi-square quantiles of 68.27 % and
/// 95 %. A mode that its own 2 Delta f does not exclude at a level adds its own interval,
/// measured from its own minimum: between separate modes the likelihood ratio is not
/// chi-square, and measured from the lowest one alone the intervals cover too little.
/// Searched on
/// `quick` where there is one; every end is then checked on f and moved until it is right
/// there to 0.1 % of a standard deviation.
Profile profile(const IntervalProblem& problem, const Quantity& quantity);

/// How lopsided the profile is: |a+ - a-| / (a+ + a-) with a = 2 Delta f / t^2 at +-1
/// standard deviation t along the tangent of the profile curve, whose cubic term is that
/// of the profile itself. Above `visible_asymmetry` the two 68 % arms differ visibly.
double asymmetry(const IntervalProblem& problem,
                 const Fisher& fisher,
                 const Quantity& quantity);

inline constexpr double visible_asymmetry = 0.1;

/// Coverage probabilities of the two levels, everywhere.
inline constexpr double level68 = 0.6827, level95 = 0.95;

}  // namespace femto
