#include "femto/pipeline/profile_plane.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

#include "femto/core/error.h"
#include "femto/core/threads.h"

namespace femto {

namespace {

std::vector<double> ticks(const Interval& range, int points) {
  std::vector<double> out;
  for (int i = 0; i < points; ++i)
    out.push_back(std::lerp(range.lo, range.hi, i / (points - 1.0)));
  return out;
}

/// The best fit at one point of the plane.
struct Held {
  std::vector<double> theta;
  double value = std::numeric_limits<double>::infinity();
};

/// The grid's axes, and the fit at a point of them.
struct Plane {
  const IntervalProblem& p;
  const PlaneAxis& held;   // a parameter, held by its bound
  const PlaneAxis& other;  // any quantity, held by a constraint

  Held fit(double at_held, double at_other, const std::vector<double>& start) const {
    const auto k = static_cast<std::size_t>(held.parameter);
    auto box = p.box;
    box[k].fixed = true;
    auto from = start;
    from[k] = at_held;
    stats::Minimum m;
    if (other.parameter >= 0) {
      const auto j = static_cast<std::size_t>(other.parameter);
      box[j].fixed = true;
      from[j] = at_other;
      m = stats::minimise(p.search(), from, box);
    } else {
      m = stats::minimise_on(p.search(),
                             {other.quantity.value, other.quantity.gradient, at_other},
                             from,
                             box);
    }
    if (!m.converged || !std::isfinite(m.at.value)) return {};
    return {m.x, m.at.value};
  }

  /// From all starts that are not empty.
  Held best(double at_held,
            double at_other,
            const std::vector<std::vector<double>>& starts) const {
    Held out;
    for (const auto& start : starts) {
      if (start.empty()) continue;
      auto found = fit(at_held, at_other, start);
      if (found.value < out.value) out = std::move(found);
    }
    return out;
  }
};

std::size_t nearest(const std::vector<double>& ticks, double value) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < ticks.size(); ++i)
    if (std::fabs(ticks[i] - value) < std::fabs(ticks[best] - value)) best = i;
  return best;
}

/// Calls go(i, from) for all i, outwards from `first`; `from` is the neighbour inside.
template <class Go>
void outwards(std::size_t first, std::size_t n, const Go& go) {
  go(first, first);
  for (std::size_t i = first + 1; i < n; ++i) go(i, i - 1);
  for (std::size_t i = first; i-- > 0;) go(i, i + 1);
}

}  // namespace

ProfilePlane profile_plane(const IntervalProblem& p,
                           const PlaneAxis& x,
                           const PlaneAxis& y,
                           const PlaneOptions& options) {
  const bool x_held = x.parameter >= 0;
  expect(x_held || y.parameter >= 0, "one axis of a plane is a parameter");
  const Plane plane{p, x_held ? x : y, x_held ? y : x};
  ProfilePlane out{ticks(x.range, options.points), ticks(y.range, options.points), {}};
  out.rise = Matrix(out.y.size(), out.x.size());
  const auto& held = x_held ? out.x : out.y;
  const auto& other = x_held ? out.y : out.x;
  const std::size_t middle = nearest(held, plane.held.quantity.value(p.search_theta()));
  const std::size_t level = nearest(other, plane.other.quantity.value(p.search_theta()));
  // A spine of fits at the middle of one axis, then from it along the other.
  std::vector<Held> spine(other.size());
  outwards(level, other.size(), [&](std::size_t i, std::size_t from) {
    spine[i] = plane.best(held[middle], other[i], {spine[from].theta, p.search_theta()});
  });
  std::atomic<std::size_t> done = 0;
  parallel_for(other.size(), [&](std::size_t i) {
    std::vector<Held> row(held.size());
    row[middle] = spine[i];
    outwards(middle, held.size(), [&](std::size_t j, std::size_t from) {
      std::vector<std::vector<double>> starts = p.modes;
      starts.push_back(row[from].theta);
      starts.push_back(p.search_theta());
      auto found = plane.best(held[j], other[i], starts);
      if (found.value < row[j].value) row[j] = std::move(found);
      (x_held ? out.rise(i, j) : out.rise(j, i)) = 2 * (row[j].value - p.search_min());
    });
    if (options.progress) options.progress(++done, other.size());
  });
  return out;
}

}  // namespace femto
