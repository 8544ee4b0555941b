// Fisher errors and profile likelihood intervals.
#include "femto/pipeline/intervals.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "femto/core/error.h"
#include "femto/stats/distributions.h"
#include "femto/stats/linear.h"

namespace femto {

namespace {

/// Step of the numerical derivative, in standard deviations.
constexpr double difference_step = 0.01;
/// Of a profile's end on the exact function, in standard deviations.
constexpr double end_tolerance = 1e-3;

bool inside(std::span<const double> theta, const std::vector<stats::Bound>& box) {
  for (std::size_t i = 0; i < box.size(); ++i)
    if (!box[i].fixed && (theta[i] < box[i].lo || theta[i] > box[i].hi)) return false;
  return true;
}

std::vector<double> moved(std::span<const double> theta,
                          const Matrix& factor,
                          std::size_t k,
                          double amount) {
  std::vector<double> out(theta.begin(), theta.end());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] += amount * factor(i, k);
  return out;
}

/// factor^T H factor by differences; nothing if the box is in the way.
std::optional<Matrix> observed_curvature(const IntervalProblem& p, const Matrix& factor) {
  const std::size_t rank = factor.cols;
  Matrix h(rank, rank);
  for (std::size_t k = 0; k < rank; ++k) {
    const auto up = moved(p.theta, factor, k, difference_step);
    const auto down = moved(p.theta, factor, k, -difference_step);
    if (!inside(up, p.box) || !inside(down, p.box)) return {};
    const auto g_up = p.f(up).gradient, g_down = p.f(down).gradient;
    for (std::size_t l = 0; l < rank; ++l) {
      double slope = 0;
      for (std::size_t i = 0; i < factor.rows; ++i)
        slope += factor(i, l) * (g_up[i] - g_down[i]);
      h(l, k) += slope / (4 * difference_step);
      h(k, l) += slope / (4 * difference_step);
    }
  }
  return h;
}

Matrix sandwiched(const Matrix& factor, const Matrix& middle) {
  return stats::multiply(stats::multiply(factor, middle), stats::transpose(factor));
}

std::vector<bool> fixed_of(const std::vector<stats::Bound>& box) {
  std::vector<bool> out;
  for (const auto& b : box) out.push_back(b.fixed);
  return out;
}

/// One side of a profile, outwards from one mode.
struct Arm {
  struct End {
    double value = 0;
    bool open = false, found = false;
    std::vector<double> theta;
  };

  std::vector<double> value, rise;
  End end68, end95;
  bool converged = true;
  std::vector<double> lower;
};

struct Levels {
  double q68 = stats::chi_square_quantile(level68, 1);
  double q95 = stats::chi_square_quantile(level95, 1);

  std::vector<double> all() const { return {0.25, q68, 2.25, q95}; }
};

/// A minimum from which profiles are climbed.
struct Mode {
  std::vector<double> theta;  // of the function searched on
  double search_min = 0;      // value there
  double f_min = 0;           // of the exact function
  double rise = 0;            // above the lowest mode
};

/// Checks a point of the quick function on the exact one, and improves it there.
ProfilePoint checked(const IntervalProblem& p,
                     const Quantity& quantity,
                     const ProfilePoint& found,
                     double f_min,
                     double level,
                     Side side) {
  if (!p.quick) return found;
  return profile_point(p.f,
                       quantity,
                       found.theta,
                       p.box,
                       f_min,
                       level,
                       side,
                       {.tolerance = end_tolerance, .max_evaluations = 30});
}

bool outside(double a, double b, Side side) {
  return side == Side::low ? a < b : a > b;
}

/// The same level met from outside: finds a crossing farther out when the profile comes
/// back below the level. `found` if it is.
Arm::End from_outside(const IntervalProblem& p,
                      const Quantity& quantity,
                      const Mode& mode,
                      const ProfilePoint& inner,
                      double level,
                      double beyond,
                      Side side) {
  const auto search = [&](const std::vector<double>& start, double rise) {
    return profile_point(p.search(), quantity, start, p.box, mode.search_min, rise, side);
  };
  const auto far = search(inner.theta, beyond);
  const auto back = search(far.theta, level);
  const double arm = std::fabs(inner.value - quantity.value(mode.theta));
  const bool farther = back.converged && !back.at_bound &&
                       outside(back.value, inner.value, side) &&
                       std::fabs(back.value - inner.value) > 0.02 * arm;
  if (!farther) return {};
  const auto end = checked(p, quantity, back, mode.f_min, level, side);
  return {end.value, end.at_bound, end.converged, end.theta};
}

Arm climb(const IntervalProblem& p,
          const Quantity& quantity,
          const Mode& mode,
          Side side) {
  const Levels levels;
  Arm arm;
  std::vector<double> start = mode.theta;
  for (const double level : levels.all()) {
    const auto inner =
        profile_point(p.search(), quantity, start, p.box, mode.search_min, level, side);
    start = inner.theta;
    ProfilePoint point = inner;
    const bool is_end = level == levels.q68 || level == levels.q95;
    if (is_end) point = checked(p, quantity, inner, mode.f_min, level, side);
    if (mode.rise == 0 && point.lower > 0.01) arm.lower = point.theta;
    arm.converged = arm.converged && (point.converged || point.at_bound);
    arm.value.push_back(point.value);
    arm.rise.push_back(point.rise + mode.rise);
    Arm::End end{point.value, point.at_bound, true, point.theta};
    if (is_end && !point.at_bound) {
      const double beyond = level == levels.q68 ? levels.q95 : 2.5 * levels.q95;
      const auto far = from_outside(p, quantity, mode, inner, level, beyond, side);
      if (far.found) end = far;
    }
    if (level <= levels.q68) arm.end68 = end;
    arm.end95 = end;
    if (point.at_bound) break;
  }
  return arm;
}

/// Moves `end` out to an end that belongs to the mode: one that climbed into the valley
/// of another mode is measured from the wrong minimum.
void extend(const IntervalProblem& p,
            const Mode& mode,
            const Arm::End& other,
            Side side,
            Arm::End& end) {
  if (!other.found || !outside(other.value, end.value, side)) return;
  const double bottom = stats::minimise(p.search(), other.theta, p.box).at.value;
  if (std::fabs(bottom - mode.search_min) < 0.01) end = other;
}

/// The arm of the estimate, with its ends moved out to those of the modes that their rise
/// does not exclude.
Arm outermost(const IntervalProblem& p, const Quantity& quantity, Side side) {
  const Levels levels;
  Arm best = climb(p, quantity, {p.search_theta(), p.search_min(), p.f_min, 0}, side);
  for (const auto& theta : p.modes) {
    const double search_min = p.search()(theta).value;
    const double rise = std::max(1e-9, 2 * (search_min - p.search_min()));
    const Mode mode{theta, search_min, p.f_min + rise / 2, rise};
    const Arm arm = climb(p, quantity, mode, side);
    if (rise < levels.q68) extend(p, mode, arm.end68, side, best.end68);
    if (rise < levels.q95) extend(p, mode, arm.end95, side, best.end95);
    best.value.push_back(quantity.value(theta));
    best.rise.push_back(rise);
    best.value.insert(best.value.end(), arm.value.begin(), arm.value.end());
    best.rise.insert(best.rise.end(), arm.rise.begin(), arm.rise.end());
  }
  return best;
}

}  // namespace

void settle(IntervalProblem& p) {
  p.f_min = p.f(p.theta).value;
  if (!p.quick) return;
  const auto m = stats::minimise(p.quick, p.theta, p.box);
  p.quick_theta = m.x;
  p.quick_min = m.at.value;
}

Fisher predicted_errors(const IntervalProblem& p, std::span<const double> theta) {
  Fisher out;
  out.spectrum = spectrum(p.f(theta).curvature, fixed_of(p.box));
  out.covariance = out.spectrum.inverse;
  if (!p.variance) return out;
  out.covariance = sandwiched(out.covariance, p.variance(theta));
  out.sandwich = true;
  return out;
}

Fisher fisher(const IntervalProblem& p) {
  Fisher out = predicted_errors(p, p.theta);
  if (!p.is_likelihood) return out;
  const auto h = observed_curvature(p, out.spectrum.factor);
  if (!h) {
    out.notes.push_back(
        "The estimate lies at the edge of its box: errors come from the expected, not the "
        "observed curvature.");
    return out;
  }
  const auto inverse = stats::cholesky_inverse(*h);
  const auto eigen = stats::eigen_symmetric(*h);
  if (!inverse || !(eigen.values.empty() || eigen.values.front() > 0.05)) {
    out.notes.push_back(
        "The observed curvature is not positive definite at the estimate: errors come from "
        "the expected curvature.");
    return out;
  }
  out.covariance = sandwiched(out.spectrum.factor, *inverse);
  if (p.variance) out.covariance = sandwiched(out.covariance, p.variance(p.theta));
  out.observed = true;
  return out;
}

Quoted fisher_interval(const Fisher& f,
                       const Quantity& quantity,
                       std::span<const double> theta) {
  Quoted out;
  out.value = quantity.value(theta);
  const auto g = quantity.gradient(theta);
  if (!estimable(f.spectrum, g)) return out;
  const double sd = deviation(f.covariance, g);
  const double z68 = stats::normal_quantile((1 + level68) / 2);
  const double z95 = stats::normal_quantile((1 + level95) / 2);
  out.method = f.sandwich ? "sandwich" : "fisher";
  out.sd = sd;
  out.level68 = Interval{out.value - z68 * sd, out.value + z68 * sd, false, false};
  out.level95 = Interval{out.value - z95 * sd, out.value + z95 * sd, false, false};
  return out;
}

Profile profile(const IntervalProblem& p, const Quantity& quantity) {
  Profile out;
  const Arm low = outermost(p, quantity, Side::low);
  const Arm high = outermost(p, quantity, Side::high);
  out.converged = low.converged && high.converged;
  out.lower = low.lower.empty() ? high.lower : low.lower;
  Quoted& q = out.quoted;
  q.method = "profile";
  q.value = quantity.value(p.theta);
  q.level68 =
      Interval{low.end68.value, high.end68.value, low.end68.open, high.end68.open};
  q.level95 =
      Interval{low.end95.value, high.end95.value, low.end95.open, high.end95.open};
  q.sd = (q.level68->hi - q.level68->lo) / 2;
  std::vector<std::pair<double, double>> points{{q.value, 0.0}};
  for (const Arm* arm : {&low, &high})
    for (std::size_t i = 0; i < arm->value.size(); ++i)
      points.emplace_back(arm->value[i], arm->rise[i]);
  std::ranges::sort(points);
  for (const auto& [value, rise] : points) {
    out.value.push_back(value);
    out.rise.push_back(rise);
  }
  return out;
}

double asymmetry(const IntervalProblem& p, const Fisher& f, const Quantity& quantity) {
  const auto& middle = p.search_theta();
  const auto g = quantity.gradient(middle);
  const double sd = deviation(f.covariance, g), h = quantity.value(middle);
  if (!(sd > 0)) return 0;
  const auto direction = stats::multiply(f.covariance, g);
  double rate[2] = {0, 0};
  for (const int side : {0, 1}) {
    auto theta = middle;
    for (std::size_t i = 0; i < theta.size(); ++i)
      theta[i] += (side == 0 ? -1 : 1) * direction[i] / sd;
    if (!inside(theta, p.box)) return 1;
    const double t = (quantity.value(theta) - h) / sd;
    rate[side] = 2 * (p.search()(theta).value - p.search_min()) / (t * t);
  }
  const double sum = rate[0] + rate[1];
  return std::isfinite(sum) && sum > 0 ? std::fabs(rate[1] - rate[0]) / sum : 1;
}

}  // namespace femto
