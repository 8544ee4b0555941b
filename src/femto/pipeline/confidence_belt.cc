// Points of the belt, their toys, and where the data leave it.
#include "femto/pipeline/confidence_belt.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "femto/core/error.h"
#include "femto/core/threads.h"

namespace femto {

namespace {

/// Rises of the data at which toys are drawn; the last ones only while the belt is wider.
constexpr double near_rises[] = {0.4, 1.0, 1.8, 2.8, 4.0, 5.5};
constexpr double far_rises[] = {7.5, 10.5, 15.0};

struct Place {
  std::vector<double> theta;
  BeltPoint point;
};

Place center_of(const IntervalProblem& p, const Quantity& quantity) {
  Place out{p.search_theta(), {}};
  out.point.value = quantity.value(out.theta);
  return out;
}

/// Where the profile has risen by `rise`, from the place inside it.
Place outward(const IntervalProblem& p,
              const Quantity& quantity,
              const Place& from,
              double rise,
              Side side) {
  const auto found =
      profile_point(p.search(), quantity, from.theta, p.box, p.search_min(), rise, side);
  Place out{found.theta, {}};
  out.point.value = found.value;
  out.point.rise = std::max(0.0, found.rise);
  out.point.at_bound = found.at_bound;
  return out;
}

double quantile(const std::vector<double>& sorted, double level) {
  const auto n = sorted.size();
  const auto rank =
      static_cast<std::size_t>(std::ceil(level * static_cast<double>(n + 1)));
  return sorted[std::min(std::max<std::size_t>(rank, 1), n) - 1];
}

/// Where minima of toys are searched, beside the place that they were drawn at.
std::vector<std::vector<double>> starts_of(const IntervalProblem& p,
                                           std::span<const std::vector<Place>> arms) {
  auto out = p.modes;
  out.push_back(p.search_theta());
  for (const auto& arm : arms)
    if (arm.size() > 1) out.push_back(arm.back().theta);
  return out;
}

/// Toys of one place after the other.
struct Thrower {
  const IntervalProblem& p;
  const Quantity& quantity;
  const ToyFactory& factory;
  const BeltOptions& options;
  std::size_t all = 0;  // places, as far as one knows
  std::size_t done = 0;
  int failed = 0;

  /// Fills the critical values.
  void calibrate(Place& place, std::vector<std::vector<double>> starts) {
    const auto toy = factory(place.theta);
    starts.insert(starts.begin(), place.theta);
    std::vector<double> rises(static_cast<std::size_t>(options.toys));
    parallel_for(rises.size(), [&](std::size_t k) {
      rises[k] = likelihood_ratio(toy(k), quantity, place.point.value, starts, p.box);
    });
    failed += static_cast<int>(std::erase_if(rises, [](double r) { return !(r >= 0); }));
    std::ranges::sort(rises);
    if (!rises.empty()) {
      place.point.critical68 = quantile(rises, level68);
      place.point.critical95 = quantile(rises, level95);
    }
    ++done;
    if (options.progress) options.progress(std::min(done, all), all);
  }
};

bool outside(const BeltPoint& p) {
  return p.rise > p.critical95;
}

/// The outermost crossing of rise and critical value; the arm goes outwards.
struct End {
  double value;
  bool open;
};

End end_of(const std::vector<Place>& arm, double BeltPoint::* critical) {
  const auto excess = [&](std::size_t i) {
    return arm[i].point.rise - arm[i].point.*critical;
  };
  std::size_t last = 0;
  for (std::size_t i = 0; i < arm.size(); ++i)
    if (excess(i) <= 0) last = i;
  const double value = arm[last].point.value;
  if (last + 1 == arm.size()) return {value, true};
  const double in = excess(last), out = excess(last + 1);
  const double t = in < 0 ? in / (in - out) : 0;
  return {std::lerp(value, arm[last + 1].point.value, t), false};
}

Interval interval_of(const std::array<std::vector<Place>, 2>& arms,
                     double BeltPoint::* critical) {
  const End low = end_of(arms[0], critical), high = end_of(arms[1], critical);
  return {low.value, high.value, low.open, high.open};
}

Belt belt_of(const std::array<std::vector<Place>, 2>& arms, int toys, int failed) {
  Belt belt{{},
            interval_of(arms, &BeltPoint::critical68),
            interval_of(arms, &BeltPoint::critical95),
            toys,
            failed};
  for (auto i = arms[0].rbegin(); i != arms[0].rend(); ++i)
    belt.points.push_back(i->point);
  for (std::size_t i = 1; i < arms[1].size(); ++i)
    belt.points.push_back(arms[1][i].point);
  return belt;
}

}  // namespace

double likelihood_ratio(const stats::Function& f,
                        const Quantity& quantity,
                        double value,
                        std::span<const std::vector<double>> starts,
                        std::span<const stats::Bound> box) try {
  double lowest = std::numeric_limits<double>::infinity();
  for (const auto& start : starts) {
    const auto m = stats::minimise(f, start, box);
    if (m.converged) lowest = std::min(lowest, m.at.value);
  }
  const auto on =
      stats::minimise_on(f, {quantity.value, quantity.gradient, value}, starts[0], box);
  if (!on.converged || !std::isfinite(lowest)) return -1;
  return std::max(0.0, 2 * (on.at.value - lowest));
} catch (const NumericalError&) {
  return -1;
}

Belt confidence_belt(const IntervalProblem& p,
                     const Quantity& quantity,
                     const ToyFactory& factory,
                     const BeltOptions& options) {
  std::array<std::vector<Place>, 2> arms;
  const auto go_on = [&](std::size_t a, double rise) {
    auto& arm = arms[a];
    arm.push_back(
        outward(p, quantity, arm.back(), rise, a == 0 ? Side::low : Side::high));
  };
  const auto room = [](const std::vector<Place>& arm) {
    return !arm.back().point.at_bound;
  };
  for (const std::size_t a : {0, 1}) {
    arms[a].push_back(center_of(p, quantity));
    for (const double rise : near_rises)
      if (room(arms[a])) go_on(a, rise);
  }
  Thrower thrower{p, quantity, factory, options, arms[0].size() + arms[1].size() - 1};
  const auto starts = starts_of(p, arms);
  thrower.calibrate(arms[0][0], starts);
  arms[1][0].point = arms[0][0].point;
  for (auto& arm : arms) {
    for (std::size_t i = 1; i < arm.size(); ++i) thrower.calibrate(arm[i], starts);
    for (const double rise : far_rises)
      if (room(arm) && !outside(arm.back().point)) {
        go_on(&arm == &arms[1], rise);
        thrower.calibrate(arm.back(), starts);
      }
  }
  return belt_of(arms, options.toys * static_cast<int>(thrower.done), thrower.failed);
}

}  // namespace femto
