// Sequential quadratic programming for the ends of profile likelihood intervals.
#include "femto/pipeline/profile.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>

#include "femto/stats/box_quadratic.h"
#include "femto/stats/curvature_model.h"
#include "femto/stats/linear.h"

namespace femto {

namespace {

constexpr std::size_t most_pairs = 8;

bool all_finite(std::span<const double> x) {
  return std::ranges::all_of(x, [](double v) { return std::isfinite(v); });
}

/// One point with everything the local model needs.
struct Local {
  std::vector<double> theta;
  stats::Evaluation at;
  double h = 0;
  std::vector<double> slope;  // of the quantity, sign such that it is to grow
};

/// What the model advises at one point, in the coordinates of the parameters.
struct Advice {
  std::vector<double> step;
  double gain = 0;        // growth of the quantity, linear
  double sd = 0;          // of the quantity by the model
  double change = 0;      // of f by the model
  double length = 0;      // of the step, in standard deviations
  bool reachable = true;  // false: the box ends before the rise is reached
};

/// The growth tau at which the lowest model value on a·s = tau is `rise`.
stats::PlaneStep outermost(const stats::BoxQuadratic& q,
                           const std::vector<double>& a,
                           double rise,
                           double sd,
                           bool& reachable) {
  const auto bottom = stats::minimum_in_box(q);
  const double bottom_gain = stats::dot(a, bottom), bottom_value = q.value(bottom);
  reachable = true;
  if (rise <= bottom_value) return {bottom, 0};
  const double far_gain = bottom_gain + 4 * sd * std::sqrt(2 * (rise - bottom_value));
  auto far = stats::minimum_on_plane(q, a, far_gain);
  double high = stats::dot(a, far.s), low = bottom_gain;
  if (q.value(far.s) <= rise) {
    reachable = high >= far_gain - 1e-9 * std::fabs(far_gain);
    return far;
  }
  double v_high = q.value(far.s), v_low = bottom_value;
  stats::PlaneStep best = far;
  for (int i = 0; i < 60 && std::fabs(q.value(best.s) - rise) > 1e-10; ++i) {
    // On a parabola sqrt(value - bottom) is a straight line in the growth.
    const double r_low = std::sqrt(std::max(0.0, v_low - bottom_value));
    const double r_high = std::sqrt(v_high - bottom_value);
    const double r = std::sqrt(rise - bottom_value);
    double mid = low + (high - low) * (r - r_low) / (r_high - r_low);
    if (i % 3 == 2) mid = (low + high) / 2;
    best = stats::minimum_on_plane(q, a, mid);
    const double v = q.value(best.s);
    (v < rise ? low : high) = mid;
    (v < rise ? v_low : v_high) = v;
    if (high - low <= 1e-14 * (std::fabs(high) + std::fabs(low))) break;
  }
  return best;
}

class Search {
 public:
  Search(const stats::Function& f,
         const Quantity& quantity,
         std::span<const stats::Bound> box,
         double f_min,
         double rise,
         Side side,
         const ProfileOptions& options)
      : f_(f),
        quantity_(quantity),
        box_(box),
        f_min_(f_min),
        rise_(rise),
        sign_(side == Side::high ? 1.0 : -1.0),
        options_(options) {}

  ProfilePoint run(std::span<const double> start) {
    Local here;
    here.theta.assign(start.begin(), start.end());
    if (!look(here)) return end(here, {});
    double radius = 3;
    Advice advice = advise(here);
    while (!done(here, advice) && evaluations_ < options_.max_evaluations) {
      double factor = std::min(1.0, radius / advice.length);
      Local there;
      if (!move(here, advice, factor, there)) {
        radius = factor * advice.length / 4;
        if (radius < 1e-6) break;
        continue;
      }
      radius = std::max(radius, 2 * factor * advice.length);
      remember(here, there);
      here = std::move(there);
      advice = advise(here);
    }
    return end(here, advice);
  }

 private:
  bool look(Local& p) {
    p.h = quantity_.value(p.theta);
    p.slope = quantity_.gradient(p.theta);
    if (!std::isfinite(p.h) || !all_finite(p.slope)) return false;
    for (double& x : p.slope) x *= sign_;
    p.at = f_(p.theta);
    ++evaluations_;
    if (!std::isfinite(p.at.value) || !all_finite(p.at.gradient)) return false;
    lower_ = std::max(lower_, f_min_ - p.at.value);
    return true;
  }

  /// What is still missing of the rise.
  double missing(const Local& p) const { return f_min_ + rise_ / 2 - p.at.value; }

  Advice advise(const Local& p) const {
    const std::size_t n = p.theta.size();
    std::vector<double> widths(n);
    for (std::size_t i = 0; i < n; ++i) widths[i] = box_[i].hi - box_[i].lo;
    auto model = stats::scaled_model(p.at.curvature, widths);
    stats::apply_pairs(model, pairs_);
    stats::BoxQuadratic q;
    q.b = model.b;
    std::vector<double> a(n);
    for (std::size_t i = 0; i < n; ++i) {
      const double s = model.scale[i];
      const bool fixed = box_[i].fixed;
      q.g.push_back(p.at.gradient[i] / s);
      q.lo.push_back(fixed ? 0 : std::min(0.0, (box_[i].lo - p.theta[i]) * s));
      q.hi.push_back(fixed ? 0 : std::max(0.0, (box_[i].hi - p.theta[i]) * s));
      a[i] = fixed ? 0 : p.slope[i] / s;
    }
    model.remove_null(q.g);
    model.remove_null(a);
    Advice out;
    if (const auto solved = stats::cholesky_solve(q.b, a))
      out.sd = std::sqrt(std::max(0.0, stats::dot(a, *solved)));
    if (!(out.sd > 0)) {
      out.step.assign(n, 0.0);
      out.reachable = false;
      return out;
    }
    const auto plane = outermost(q, a, missing(p), out.sd, out.reachable);
    out.gain = stats::dot(a, plane.s);
    out.change = q.value(plane.s);
    out.length = std::sqrt(std::max(0.0, stats::bilinear(plane.s, q.b, plane.s)));
    for (std::size_t i = 0; i < n; ++i) out.step.push_back(plane.s[i] / model.scale[i]);
    return out;
  }

  bool done(const Local& p, const Advice& advice) const {
    const double tolerance = options_.tolerance;
    if (advice.length == 0) return true;
    if (std::fabs(advice.gain) > tolerance * advice.sd) return false;
    if (!advice.reachable) return std::fabs(advice.change) < tolerance;
    return std::fabs(2 * missing(p)) <= 4 * tolerance * std::max(1.0, std::sqrt(rise_));
  }

  /// Takes the step unless it ends where f or the quantity is not finite, or far above
  /// the contour.
  bool move(const Local& from, const Advice& advice, double factor, Local& to) {
    to.theta = from.theta;
    for (std::size_t i = 0; i < to.theta.size(); ++i) {
      if (box_[i].fixed) continue;
      to.theta[i] =
          std::clamp(from.theta[i] + factor * advice.step[i], box_[i].lo, box_[i].hi);
    }
    if (!look(to)) return false;
    const double above = std::fabs(missing(to)), before = std::fabs(missing(from));
    return above <= std::max(0.75 * rise_ + 0.25, before);
  }

  void remember(const Local& from, const Local& to) {
    stats::SecantPair pair;
    for (std::size_t i = 0; i < from.theta.size(); ++i) {
      pair.step.push_back(to.theta[i] - from.theta[i]);
      pair.change.push_back(to.at.gradient[i] - from.at.gradient[i]);
    }
    pairs_.push_back(std::move(pair));
    if (pairs_.size() > most_pairs) pairs_.pop_front();
  }

  /// The point; its value moved by the last small step, whose error is of second order.
  ProfilePoint end(const Local& p, const Advice& advice) const {
    ProfilePoint out;
    out.theta = p.theta;
    out.value = p.h;
    out.rise = 2 * (p.at.value - f_min_);
    out.evaluations = evaluations_;
    out.lower = lower_;
    if (advice.step.empty()) return out;
    out.converged = done(p, advice);
    out.at_bound =
        !advice.reachable || (!out.converged && near_edge(p) && missing(p) > 0);
    if (out.converged && advice.reachable) {
      out.value += sign_ * advice.gain;
      out.rise = rise_;
    }
    return out;
  }

  bool near_edge(const Local& p) const {
    for (std::size_t i = 0; i < p.theta.size(); ++i) {
      const double margin = 1e-3 * (box_[i].hi - box_[i].lo);
      if (!box_[i].fixed &&
          (p.theta[i] < box_[i].lo + margin || p.theta[i] > box_[i].hi - margin))
        return true;
    }
    return false;
  }

  const stats::Function& f_;
  const Quantity& quantity_;
  std::span<const stats::Bound> box_;
  double f_min_, rise_, sign_;
  ProfileOptions options_;
  std::deque<stats::SecantPair> pairs_;
  double lower_ = 0;
  int evaluations_ = 0;
};

}  // namespace

Quantity coordinate_quantity(std::string name,
                             std::size_t index,
                             std::size_t parameters) {
  return {std::move(name),
          [index](std::span<const double> theta) { return theta[index]; },
          [index, parameters](std::span<const double>) {
            std::vector<double> e(parameters, 0.0);
            e[index] = 1;
            return e;
          }};
}

ProfilePoint profile_point(const stats::Function& f,
                           const Quantity& quantity,
                           std::span<const double> start,
                           std::span<const stats::Bound> box,
                           double f_min,
                           double rise,
                           Side side,
                           const ProfileOptions& options) {
  return Search(f, quantity, box, f_min, rise, side, options).run(start);
}

}  // namespace femto
