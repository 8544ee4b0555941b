// A search for other minima next to the one found.
#include "femto/pipeline/modes.h"

#include <algorithm>
#include <cmath>

#include "femto/core/random.h"
#include "femto/core/threads.h"
#include "femto/stats/distributions.h"

namespace femto {

namespace {

constexpr std::size_t random_starts = 8;
/// Rises at which profiles are left; barriers between modes are rarely higher.
constexpr double past_levels[] = {4, 8, 14};
/// Minima closer than this in every quantity are one, in standard deviations.
constexpr double same = 0.1;
constexpr int most_moves = 3;

struct Found {
  std::vector<double> theta;
  double value = 0;
  bool good = false;
};

/// Falls from where the profile of one quantity has risen by each of the levels.
std::vector<Found> from_profile(const IntervalProblem& p,
                                const Quantity& quantity,
                                Side side) {
  std::vector<Found> out;
  std::vector<double> start = p.search_theta();
  for (const double level : past_levels) {
    const auto point = profile_point(p.search(),
                                     quantity,
                                     start,
                                     p.box,
                                     p.search_min(),
                                     level,
                                     side,
                                     {.tolerance = 0.05, .max_evaluations = 25});
    if (point.evaluations == 0) break;
    const auto m = stats::minimise(p.search(), point.theta, p.box);
    out.push_back({m.x, m.at.value, m.converged});
    if (point.at_bound) break;
    start = point.theta;
  }
  return out;
}

std::vector<Found> from_anywhere(const IntervalProblem& p, std::uint64_t seed) {
  std::vector<Found> out(random_starts);
  const auto stream = random::Stream::named(seed, "modes");
  parallel_for(random_starts, [&](std::size_t k) {
    auto start = p.search_theta();
    for (std::size_t j = 0; j < start.size(); ++j) {
      const double u = random::uniform(stream, k, static_cast<std::uint32_t>(j));
      if (!p.box[j].fixed)
        start[j] = p.box[j].lo + (p.box[j].hi - p.box[j].lo) * (0.05 + 0.9 * u);
    }
    if (!std::isfinite(p.search()(start).value)) return;
    const auto m = stats::minimise(p.search(), start, p.box);
    out[k] = {m.x, m.at.value, m.converged};
  });
  return out;
}

/// One identifiable quantity with its error, to tell minima apart.
struct Ruler {
  const Quantity* quantity;
  double sd;
};

bool alike(const std::vector<double>& a,
           const std::vector<double>& b,
           const std::vector<Ruler>& rulers) {
  return std::ranges::all_of(rulers, [&](const Ruler& r) {
    return std::fabs(r.quantity->value(a) - r.quantity->value(b)) < same * r.sd;
  });
}

std::vector<Found> candidates(const IntervalProblem& p,
                              const std::vector<Ruler>& rulers,
                              std::uint64_t seed) {
  std::vector<std::vector<Found>> parts(2 * rulers.size());
  parallel_for(parts.size(), [&](std::size_t i) {
    parts[i] =
        from_profile(p, *rulers[i / 2].quantity, i % 2 == 0 ? Side::low : Side::high);
  });
  parts.push_back(from_anywhere(p, seed));
  std::vector<Found> all;
  for (auto& part : parts)
    for (auto& one : part)
      if (one.good && std::isfinite(one.value)) all.push_back(std::move(one));
  std::ranges::stable_sort(all, {}, &Found::value);
  return all;
}

}  // namespace

bool find_modes(IntervalProblem& p,
                const Fisher& fisher,
                const std::vector<Quantity>& quantities,
                std::uint64_t seed) {
  std::vector<Ruler> rulers;
  for (const auto& q : quantities) {
    const auto quoted = fisher_interval(fisher, q, p.theta);
    if (quoted.sd && *quoted.sd > 0) rulers.push_back({&q, *quoted.sd});
  }
  const double limit = stats::chi_square_quantile(level95, 1);
  bool moved = false;
  for (int move = 0; move < most_moves; ++move) {
    p.modes.clear();
    const auto all = candidates(p, rulers, seed);
    if (!all.empty() && all.front().value < p.search_min() - 1e-3) {
      const auto better = stats::minimise(p.f, all.front().theta, p.box);
      if (better.at.value < p.f_min - 1e-6) {
        p.theta = better.x;
        settle(p);
        moved = true;
        continue;
      }
    }
    for (const auto& one : all) {
      if (2 * (one.value - p.search_min()) > limit) break;
      const bool known = alike(one.theta, p.search_theta(), rulers) ||
                         std::ranges::any_of(p.modes, [&](const auto& mode) {
                           return alike(one.theta, mode, rulers);
                         });
      if (!known) p.modes.push_back(one.theta);
    }
    break;
  }
  return moved;
}

}  // namespace femto
