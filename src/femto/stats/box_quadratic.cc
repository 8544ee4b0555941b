// Active-set minimisation of a convex quadratic function in a box.
#include "femto/stats/box_quadratic.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "femto/core/error.h"
#include "femto/stats/linear.h"

namespace femto::stats {
namespace {

enum class Where { inside, at_lo, at_hi, held };

/// One run of the active-set method; every iterate is feasible and no worse than before.
class ActiveSet {
 public:
  explicit ActiveSet(const BoxQuadratic& q) : q_(q), s_(q.g.size(), 0.0) {
    for (std::size_t i = 0; i < s_.size(); ++i) where_.push_back(at_start(i));
  }

  std::vector<double> run() {
    const std::size_t limit = 20 * (s_.size() + 1);
    for (std::size_t round = 0; round < limit; ++round)
      if (move() && !release()) break;
    return s_;
  }

 private:
  Where at_start(std::size_t i) const {
    if (q_.lo[i] == q_.hi[i]) return Where::held;
    if (q_.lo[i] == 0 && q_.g[i] >= 0) return Where::at_lo;
    if (q_.hi[i] == 0 && q_.g[i] <= 0) return Where::at_hi;
    return Where::inside;
  }

  std::vector<double> gradient() const {
    std::vector<double> out = multiply(q_.b, s_);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += q_.g[i];
    return out;
  }

  /// Goes towards the minimum over the free coordinates; false if a bound is in the way.
  bool move() {
    std::vector<std::size_t> free;
    for (std::size_t i = 0; i < s_.size(); ++i)
      if (where_[i] == Where::inside) free.push_back(i);
    if (free.empty()) return true;
    const std::vector<double> all = gradient();
    std::vector<double> downhill;
    for (const std::size_t i : free) downhill.push_back(-all[i]);
    return walk(free, solve(free, downhill));
  }

  std::vector<double> solve(std::span<const std::size_t> free,
                            std::span<const double> right) const {
    Matrix b = submatrix(q_.b, free);
    double lift = 1e-12;
    while (true) {
      if (auto p = cholesky_solve(b, right)) return *p;
      expect(lift < 1e12, "a quadratic model can be made positive definite");
      for (std::size_t k = 0; k < free.size(); ++k)
        b(k, k) += lift * std::max(std::abs(b(k, k)), 1e-300);
      lift *= 100;
    }
  }

  bool walk(std::span<const std::size_t> free, std::span<const double> p) {
    double part = 1;
    std::size_t blocking = s_.size();
    for (std::size_t k = 0; k < free.size(); ++k) {
      const std::size_t i = free[k];
      const double bound = p[k] > 0 ? q_.hi[i] : q_.lo[i];
      if (p[k] == 0 || std::abs(bound - s_[i]) >= part * std::abs(p[k])) continue;
      part = std::abs((bound - s_[i]) / p[k]);
      blocking = i;
    }
    for (std::size_t k = 0; k < free.size(); ++k) {
      const std::size_t i = free[k];
      if (i == blocking) {
        where_[i] = p[k] > 0 ? Where::at_hi : Where::at_lo;
        s_[i] = p[k] > 0 ? q_.hi[i] : q_.lo[i];
      } else {
        s_[i] = std::clamp(s_[i] + part * p[k], q_.lo[i], q_.hi[i]);
      }
    }
    return blocking == s_.size();
  }

  /// Frees the bound whose gradient points inside most steeply; false if there is none.
  bool release() {
    const std::vector<double> g = gradient();
    std::size_t steepest = s_.size();
    double most = 0;
    for (std::size_t i = 0; i < s_.size(); ++i) {
      const double inward =
          where_[i] == Where::at_lo ? -g[i] : (where_[i] == Where::at_hi ? g[i] : 0);
      const double scaled = inward / std::sqrt(q_.b(i, i));
      const double noise = 1e-13 * std::abs(q_.g[i]) / std::sqrt(q_.b(i, i));
      if (scaled > most && scaled > noise) {
        most = scaled;
        steepest = i;
      }
    }
    if (steepest == s_.size()) return false;
    where_[steepest] = Where::inside;
    return true;
  }

  const BoxQuadratic& q_;
  std::vector<double> s_;
  std::vector<Where> where_;
};

/// a·s at the minimum of q with g + multiplier * a.
struct Plane {
  BoxQuadratic q;
  std::vector<double> g, a;
  double target = 0;
  std::vector<double> s;

  double miss(double multiplier) {
    for (std::size_t i = 0; i < g.size(); ++i) q.g[i] = g[i] + multiplier * a[i];
    s = minimum_in_box(q);
    return dot(a, s) - target;
  }

  double size() const {
    double sum = std::abs(target);
    for (std::size_t i = 0; i < s.size(); ++i) sum += std::abs(a[i] * s[i]);
    return sum;
  }
};

struct Bracketed {
  double x, y;
};

/// A second multiplier on the other side of the root; gives up where the box ends.
Bracketed other_side(Plane& plane, Bracketed from, double stride) {
  Bracketed to = from;
  for (int k = 0; k < 60 && (to.y > 0) == (from.y > 0) && to.y != 0; ++k, stride *= 4) {
    to.x = from.x + (from.y > 0 ? stride : -stride);
    to.y = plane.miss(to.x);
  }
  return to;
}

}  // namespace

double BoxQuadratic::value(std::span<const double> s) const {
  return dot(g, s) + 0.5 * bilinear(s, b, s);
}

std::vector<double> minimum_in_box(const BoxQuadratic& q) {
  return ActiveSet(q).run();
}

PlaneStep minimum_on_plane(const BoxQuadratic& q,
                           std::span<const double> a,
                           double target) {
  Plane plane{q, q.g, {a.begin(), a.end()}, target, {}};
  const auto inverse_a = cholesky_solve(q.b, a);
  const double response = inverse_a ? dot(a, *inverse_a) : 0;
  if (!(response > 0)) return {minimum_in_box(q), 0};
  const double guess = -(dot(q.g, *inverse_a) + target) / response;
  const auto close = [&](double y) { return std::abs(y) <= 1e-13 * plane.size(); };
  Bracketed one{guess, plane.miss(guess)};
  if (close(one.y)) return {plane.s, guess};
  // To first order the multiplier changes by miss / response; a little more brackets it.
  Bracketed two = other_side(plane, one, 1.01 * std::abs(one.y) / response);
  int same_side = 0;
  for (int k = 0; k < 100 && !close(two.y) && (one.y > 0) != (two.y > 0); ++k) {
    const double weight = same_side > 1 ? 0.5 : one.y / (one.y - two.y);
    const double x = one.x + weight * (two.x - one.x);
    if (x == one.x || x == two.x) break;
    const Bracketed mid{x, plane.miss(x)};
    const bool replaces_two = (mid.y > 0) == (two.y > 0);
    same_side = replaces_two ? same_side + 1 : 0;
    if (!replaces_two) one = two;
    two = mid;
  }
  plane.miss(two.x);
  return {plane.s, two.x};
}

}  // namespace femto::stats
