// Trajectories of the No-U-Turn sampler.
#include "femto/stats/nuts.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "femto/stats/linear.h"

namespace femto::stats {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
/// A rise of the energy that no accurate integration shows.
constexpr double divergence = 1000;

double log_add(double a, double b) {
  if (a == -infinity) return b;
  if (b == -infinity) return a;
  return std::max(a, b) + std::log1p(std::exp(-std::fabs(a - b)));
}

void add_to(std::vector<double>& a, const std::vector<double>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
}

std::vector<double> sum(const std::vector<double>& a, const std::vector<double>& b) {
  auto out = a;
  add_to(out, b);
  return out;
}

void leapfrog(const LogDensity& density,
              const Metric& metric,
              double step,
              PhasePoint& at) {
  const auto kick = [&] {
    for (std::size_t i = 0; i < at.p.size(); ++i) at.p[i] += step / 2 * at.gradient[i];
  };
  kick();
  const auto v = metric.velocity(at.p);
  for (std::size_t i = 0; i < v.size(); ++i) at.z[i] += step * v[i];
  at.log_density = density(at.z, at.gradient);
  kick();
}

/// One end of a stretch of trajectory.
struct End {
  std::vector<double> p, velocity;
};

/// A stretch of trajectory; `first` was reached before `last`.
struct Tree {
  End first, last;
  std::vector<double> momentum_sum;
  double log_weight = -infinity;  // ln sum exp(-energy)
  PhasePoint chosen;
  bool turned = false, divergent = false;

  bool stopped() const { return turned || divergent; }
};

/// No U-turn over a stretch with this sum of momenta.
bool goes_on(const End& a, const End& b, const std::vector<double>& momentum_sum) {
  return dot(a.velocity, momentum_sum) > 0 && dot(b.velocity, momentum_sum) > 0;
}

/// No U-turn over two neighbouring stretches: as a whole, and across the seam.
bool go_on(const Tree& a, const Tree& b) {
  return goes_on(a.first, b.last, sum(a.momentum_sum, b.momentum_sum)) &&
         goes_on(a.first, b.first, sum(a.momentum_sum, b.first.p)) &&
         goes_on(a.last, b.last, sum(b.momentum_sum, a.last.p));
}

class Trajectory {
 public:
  Trajectory(const LogDensity& density,
             const Metric& metric,
             double step,
             double energy,
             Dice& dice)
      : density_(density), metric_(metric), step_(step), energy_(energy), dice_(dice) {}

  /// 2^depth further points from `front` on, which moves along.
  Tree grow(int depth, double direction, PhasePoint& front) {
    if (depth == 0) return leaf(direction, front);
    Tree a = grow(depth - 1, direction, front);
    if (a.stopped()) return a;
    Tree b = grow(depth - 1, direction, front);
    if (b.stopped()) {
      a.turned = b.turned;
      a.divergent = b.divergent;
      return a;
    }
    const double both = log_add(a.log_weight, b.log_weight);
    if (dice_.uniform() < std::exp(b.log_weight - both)) a.chosen = std::move(b.chosen);
    a.turned = !go_on(a, b);
    a.log_weight = both;
    add_to(a.momentum_sum, b.momentum_sum);
    a.last = std::move(b.last);
    return a;
  }

  double acceptance() const { return accepted_ / static_cast<double>(evaluations_); }

  std::uint64_t evaluations() const { return evaluations_; }

 private:
  Tree leaf(double direction, PhasePoint& front) {
    leapfrog(density_, metric_, direction * step_, front);
    ++evaluations_;
    double rise = front.energy(metric_) - energy_;
    if (std::isnan(rise)) rise = infinity;
    accepted_ += std::min(1.0, std::exp(-rise));
    Tree t;
    t.first = t.last = {front.p, metric_.velocity(front.p)};
    t.momentum_sum = front.p;
    t.log_weight = -rise;
    t.chosen = front;
    t.divergent = rise > divergence;
    return t;
  }

  const LogDensity& density_;
  const Metric& metric_;
  double step_, energy_;
  Dice& dice_;
  double accepted_ = 0;
  std::uint64_t evaluations_ = 0;
};

/// The same stretch walked the other way.
void turn_round(Tree& t) {
  std::swap(t.first, t.last);
}

}  // namespace

double PhasePoint::energy(const Metric& metric) const {
  return -log_density + 0.5 * dot(p, metric.velocity(p));
}

double Dice::uniform() {
  return random::uniform_pair(stream_, iteration_, block_++)[0];
}

std::vector<double> Dice::normals(std::size_t n) {
  std::vector<double> out;
  while (out.size() < n) {
    const auto pair = random::normal_pair(stream_, iteration_, block_++);
    out.push_back(pair[0]);
    if (out.size() < n) out.push_back(pair[1]);
  }
  return out;
}

NutsStep nuts_transition(const LogDensity& density,
                         const Metric& metric,
                         double step,
                         int max_depth,
                         Dice& dice,
                         PhasePoint& at) {
  at.p = metric.momentum(dice.normals(at.z.size()));
  NutsStep out;
  out.energy = at.energy(metric);
  Trajectory trajectory(density, metric, step, out.energy, dice);
  PhasePoint forward = at, backward = at;
  Tree tree;
  tree.first = tree.last = {at.p, metric.velocity(at.p)};
  tree.momentum_sum = at.p;
  tree.log_weight = 0;
  tree.chosen = at;
  while (out.depth < max_depth && !tree.turned) {
    const bool ahead = dice.uniform() < 0.5;
    // `tree` runs backward to forward; grow() runs away from it. Momenta keep their
    // sign, so both stretches are compared in the order of time.
    Tree more = trajectory.grow(out.depth, ahead ? 1 : -1, ahead ? forward : backward);
    out.divergent = more.divergent;
    if (more.stopped()) break;
    ++out.depth;
    if (std::log(dice.uniform()) < more.log_weight - tree.log_weight)
      tree.chosen = std::move(more.chosen);
    if (!ahead) turn_round(more);
    tree.turned = ahead ? !go_on(tree, more) : !go_on(more, tree);
    tree.log_weight = log_add(tree.log_weight, more.log_weight);
    add_to(tree.momentum_sum, more.momentum_sum);
    (ahead ? tree.last : tree.first) = ahead ? more.last : more.first;
  }
  out.acceptance = trajectory.acceptance();
  out.evaluations = trajectory.evaluations();
  at = std::move(tree.chosen);
  return out;
}

double reasonable_step(const LogDensity& density,
                       const Metric& metric,
                       const PhasePoint& at,
                       double step,
                       Dice& dice) {
  PhasePoint start = at;
  start.p = metric.momentum(dice.normals(at.z.size()));
  const double energy = start.energy(metric);
  const auto too_good = [&](double e) {
    PhasePoint there = start;
    leapfrog(density, metric, e, there);
    return energy - there.energy(metric) > std::log(0.8);  // false if it is not a number
  };
  const bool up = too_good(step);
  for (int k = 0; k < 50; ++k) {
    const double next = up ? 2 * step : step / 2;
    if (too_good(next) != up) return up ? step : next;
    step = next;
  }
  return step;
}

}  // namespace femto::stats
