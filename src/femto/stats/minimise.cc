// Sequential quadratic steps in a box, with or without one equality constraint.
#include "femto/stats/minimise.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "femto/core/error.h"
#include "femto/stats/box_quadratic.h"
#include "femto/stats/curvature_model.h"
#include "femto/stats/linear.h"

namespace femto::stats {
namespace {

bool is_finite(const Evaluation& e) {
  return std::isfinite(e.value) &&
         std::ranges::all_of(e.gradient, [](double v) { return std::isfinite(v); }) &&
         std::ranges::all_of(e.curvature.data, [](double v) { return std::isfinite(v); });
}

struct Point {
  std::vector<double> x;
  Evaluation at;
  double miss = 0;             // h(x) - target
  std::vector<double> normal;  // of the constraint; empty without one
};

struct Step {
  std::vector<double> s;
  double multiplier = 0;
  double fall = 0;     // predicted decrease of the merit
  double slope = 0;    // of the merit along s
  double length2 = 0;  // s^T B s
  double blind = 0;    // gradient along null directions, in units of the model
};

/// A search over the free coordinates alone.
class Search {
 public:
  Search(const Function& f,
         const Constraint* h,
         std::vector<Bound> box,
         const MinimiseOptions& options)
      : f_(f), h_(h), box_(std::move(box)), options_(options), model_(options.model) {
    for (const Bound& b : box_) {
      const double width = b.hi - b.lo;
      widths_.push_back(std::isfinite(width) && width > 0 ? width : 1.0);
    }
  }

  Minimum run(std::vector<double> start);

 private:
  Point evaluate(std::vector<double> x);
  Step next_step(const Point& p);
  bool line_search(const Point& p, const Step& step);
  std::optional<Point> curved_trial(const Point& p, const Step& step, const Point& trial);
  bool is_done(const Step& step, const Point& p) const;
  bool give_up();
  void remember(const Point& from, const Point& to, double multiplier);
  void watch(const Point& p) const;
  Minimum finish(bool converged, std::string message) const;

  double merit(const Point& p) const { return p.at.value + penalty_ * std::abs(p.miss); }

  const Function& f_;
  const Constraint* h_;
  std::vector<Bound> box_;
  const MinimiseOptions& options_;
  Model model_;
  std::vector<double> widths_;
  std::deque<SecantPair> pairs_;
  Point best_;
  double penalty_ = 0;
  int iteration_ = 0, evaluations_ = 0, short_steps_ = 0;
};

Point Search::evaluate(std::vector<double> x) {
  Point p{std::move(x), {}, 0, {}};
  ++evaluations_;
  p.at = f_(p.x);
  if (h_) {
    p.miss = h_->value(p.x) - h_->target;
    p.normal = h_->gradient(p.x);
  }
  return p;
}

Step Search::next_step(const Point& p) {
  ScaledModel m = model_ == Model::scoring
                      ? scaled_model(p.at.curvature, widths_)
                      : limited_memory_base(p.at.gradient, widths_, pairs_);
  apply_pairs(m, pairs_);
  BoxQuadratic q{m.b, p.at.gradient, {}, {}};
  for (std::size_t i = 0; i < p.x.size(); ++i) {
    q.g[i] /= m.scale[i];
    q.lo.push_back((box_[i].lo - p.x[i]) * m.scale[i]);
    q.hi.push_back((box_[i].hi - p.x[i]) * m.scale[i]);
  }
  Step out;
  out.blind = m.remove_null(q.g);
  double left_over = 0;
  if (h_) {
    std::vector<double> a = p.normal;
    for (std::size_t i = 0; i < a.size(); ++i) a[i] /= m.scale[i];
    const PlaneStep plane = minimum_on_plane(q, a, -p.miss);
    out.s = plane.s;
    out.multiplier = plane.multiplier;
    left_over = std::abs(dot(a, out.s) + p.miss);
    penalty_ = std::max(1.5 * std::abs(out.multiplier), 0.3 * penalty_);
  } else {
    out.s = minimum_in_box(q);
  }
  const double gained = penalty_ * (std::abs(p.miss) - left_over);
  out.length2 = bilinear(out.s, m.b, out.s);
  out.fall = gained - q.value(out.s);
  out.slope = dot(q.g, out.s) - gained;
  for (std::size_t i = 0; i < out.s.size(); ++i) out.s[i] /= m.scale[i];
  return out;
}

bool Search::is_done(const Step& step, const Point& p) const {
  if (!h_) return step.fall <= options_.tolerance;
  const double size = std::abs(h_->target) + std::abs(p.miss);
  return 0.5 * step.length2 <= options_.tolerance &&
         penalty_ * std::abs(p.miss) <= options_.tolerance &&
         std::abs(p.miss) <= 1e-8 * std::max(size, 1e-8);
}

/// The point at `part` of a step, bounds met exactly.
std::vector<double> along(std::span<const double> x,
                          std::span<const double> s,
                          double part,
                          std::span<const Bound> box) {
  std::vector<double> out(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    out[i] = std::clamp(x[i] + part * s[i], box[i].lo, box[i].hi);
    const double near = 1e-14 * std::max(std::abs(out[i]), std::abs(s[i]));
    if (s[i] != 0 && std::abs(out[i] - box[i].lo) <= near) out[i] = box[i].lo;
    if (s[i] != 0 && std::abs(out[i] - box[i].hi) <= near) out[i] = box[i].hi;
  }
  return out;
}

/// Second-order correction: the step bent back onto a curved constraint.
/// Source: Nocedal:2006 section 18.3.
std::optional<Point> Search::curved_trial(const Point& p,
                                          const Step& step,
                                          const Point& trial) {
  if (!h_ || !std::isfinite(trial.miss) || trial.miss == 0) return {};
  double square = 0;
  for (std::size_t i = 0; i < p.x.size(); ++i)
    square += std::pow(p.normal[i] * widths_[i], 2);
  if (!(square > 0)) return {};
  std::vector<double> bent = step.s;
  for (std::size_t i = 0; i < bent.size(); ++i)
    bent[i] -= trial.miss * p.normal[i] * widths_[i] * widths_[i] / square;
  return evaluate(along(p.x, bent, 1, box_));
}

bool Search::line_search(const Point& p, const Step& step) {
  constexpr double armijo = 1e-4;
  const double rounding = 1e-15 * (std::abs(p.at.value) + std::abs(merit(p)));
  bool saw_finite = false;
  double part = 1;
  for (int k = 0; k < 40; ++k) {
    Point trial = evaluate(along(p.x, step.s, part, box_));
    const double goal = merit(p) + armijo * part * step.slope + rounding;
    bool good = is_finite(trial.at) && merit(trial) <= goal;
    if (!good && k == 0 && is_finite(trial.at))
      if (auto bent = curved_trial(p, step, trial);
          bent && is_finite(bent->at) && merit(*bent) <= goal) {
        trial = std::move(*bent);
        good = true;
      }
    if (good) {
      remember(p, trial, step.multiplier);
      short_steps_ = part < 0.2 ? short_steps_ + 1 : 0;
      best_ = std::move(trial);
      return true;
    }
    double shorter = 0.5;
    if (is_finite(trial.at)) {
      saw_finite = true;
      const double bend = merit(trial) - merit(p) - part * step.slope;
      shorter = std::clamp(-part * step.slope / (2 * bend), 0.1, 0.5);
    }
    part *= shorter;
  }
  if (!saw_finite)
    throw NumericalError(
        fmt::format("the function is not finite near x = [{}] (iteration {})",
                    fmt::join(p.x, ", "),
                    iteration_),
        "narrow the box or change the start");
  return false;
}

void Search::remember(const Point& from, const Point& to, double multiplier) {
  SecantPair pair{to.x, to.at.gradient};
  for (std::size_t i = 0; i < to.x.size(); ++i) {
    pair.step[i] -= from.x[i];
    pair.change[i] -= from.at.gradient[i];
    if (h_) pair.change[i] += multiplier * (to.normal[i] - from.normal[i]);
  }
  pairs_.push_back(std::move(pair));
  const std::size_t kept = model_ == Model::scoring ? 4 : 10;
  if (pairs_.size() > kept) pairs_.pop_front();
}

/// Drops the memory first, then the curvature; true if neither is left to drop.
bool Search::give_up() {
  short_steps_ = 0;
  if (model_ == Model::scoring && pairs_.empty()) {
    model_ = Model::lbfgs;
    return false;
  }
  const bool hopeless = pairs_.empty();
  pairs_.clear();
  return hopeless;
}

void Search::watch(const Point& p) const {
  if (!options_.watch) return;
  double square = 0;
  for (std::size_t i = 0; i < p.x.size(); ++i) {
    const double g = p.at.gradient[i];
    const bool blocked =
        (p.x[i] == box_[i].lo && g > 0) || (p.x[i] == box_[i].hi && g < 0);
    if (!blocked) square += g * g;
  }
  options_.watch(iteration_, p.at.value, std::sqrt(square), p.x);
}

Minimum Search::run(std::vector<double> start) {
  best_ = evaluate(std::move(start));
  if (!is_finite(best_.at))
    throw NumericalError(
        fmt::format("the function is not finite at the start x = [{}] (value {})",
                    fmt::join(best_.x, ", "),
                    best_.at.value),
        "start elsewhere");
  for (iteration_ = 0; iteration_ < options_.max_iterations; ++iteration_) {
    watch(best_);
    const Step step = next_step(best_);
    const bool flat = is_done(step, best_);
    if (flat && step.blind < 1e-4) return finish(true, "converged");
    const bool moved = !flat && line_search(best_, step);
    if (moved && short_steps_ < 5) continue;
    const double noise = 1e-13 * (1 + std::abs(best_.at.value));
    if (!moved && !flat && step.fall <= noise)
      return finish(true, "converged to the precision of the value");
    if (give_up())
      return finish(false,
                    "no step makes the value smaller; gradient and value disagree");
  }
  return finish(
      false, fmt::format("not converged after {} iterations", options_.max_iterations));
}

Minimum Search::finish(bool converged, std::string message) const {
  Minimum out;
  out.x = best_.x;
  out.at = best_.at;
  out.converged = converged;
  out.iterations = iteration_;
  out.evaluations = evaluations_;
  out.message = std::move(message);
  for (std::size_t i = 0; i < out.x.size(); ++i)
    out.at_bound.push_back(out.x[i] == box_[i].lo || out.x[i] == box_[i].hi);
  return out;
}

/// Hides the fixed coordinates from the search.
class Reduction {
 public:
  Reduction(std::span<const double> start, std::span<const Bound> box)
      : full_(start.begin(), start.end()) {
    expect(start.size() == box.size(), "one bound per coordinate");
    for (std::size_t i = 0; i < box.size(); ++i) {
      if (box[i].fixed) continue;
      expect(box[i].lo <= box[i].hi, "a box has its lower end below its upper end");
      full_[i] = std::clamp(full_[i], box[i].lo, box[i].hi);
      free_.push_back(i);
      box_.push_back(box[i]);
    }
  }

  std::vector<double> expand(std::span<const double> x) const {
    std::vector<double> out = full_;
    for (std::size_t k = 0; k < free_.size(); ++k) out[free_[k]] = x[k];
    return out;
  }

  std::vector<double> shrink(std::span<const double> full) const {
    std::vector<double> out;
    for (const std::size_t i : free_) out.push_back(full[i]);
    return out;
  }

  Minimum run(const Function& f, const Constraint* h, const MinimiseOptions& options) {
    const Function inner = [&](std::span<const double> x) {
      Evaluation e = f(expand(x));
      e.gradient = shrink(e.gradient);
      if (e.curvature.rows > 0) e.curvature = submatrix(e.curvature, free_);
      return e;
    };
    Constraint inside;
    if (h)
      inside = {[&](std::span<const double> x) { return h->value(expand(x)); },
                [&](std::span<const double> x) { return shrink(h->gradient(expand(x))); },
                h->target};
    MinimiseOptions inner_options = options;
    if (options.watch)
      inner_options.watch = [&](int k, double v, double g, std::span<const double> x) {
        options.watch(k, v, g, expand(x));
      };
    Minimum found =
        Search(inner, h ? &inside : nullptr, box_, inner_options).run(shrink(full_));
    return widen(f, std::move(found));
  }

 private:
  Minimum widen(const Function& f, Minimum found) const {
    found.x = expand(found.x);
    found.at = f(found.x);
    ++found.evaluations;
    std::vector<bool> at_bound(full_.size(), false);
    for (std::size_t k = 0; k < free_.size(); ++k) at_bound[free_[k]] = found.at_bound[k];
    found.at_bound = std::move(at_bound);
    return found;
  }

  std::vector<double> full_;
  std::vector<std::size_t> free_;
  std::vector<Bound> box_;
};

}  // namespace

Minimum minimise(const Function& f,
                 std::span<const double> start,
                 std::span<const Bound> box,
                 const MinimiseOptions& options) {
  return Reduction(start, box).run(f, nullptr, options);
}

Minimum minimise_on(const Function& f,
                    const Constraint& h,
                    std::span<const double> start,
                    std::span<const Bound> box,
                    const MinimiseOptions& options) {
  return Reduction(start, box).run(f, &h, options);
}

}  // namespace femto::stats
