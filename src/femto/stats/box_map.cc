// The logistic map of a box.
#include "femto/stats/box_map.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "femto/core/error.h"

namespace femto::stats {
namespace {

constexpr double edge = 1e-3;

/// 1 / (1 + exp(-z)) and its complement, both accurate in the tails.
struct Share {
  double s, rest;
};

Share share(double z) {
  const double e = std::exp(-std::fabs(z));
  const double large = 1 / (1 + e), small = e / (1 + e);
  return z > 0 ? Share{large, small} : Share{small, large};
}

}  // namespace

BoxMap::BoxMap(std::vector<Bound> box, std::span<const double> base)
    : box_(std::move(box)), base_(base.begin(), base.end()) {
  expect(box_.size() == base_.size(), "a box has an edge for every parameter");
  for (std::size_t j = 0; j < box_.size(); ++j)
    if (!box_[j].fixed) free_.push_back(j);
}

std::vector<double> BoxMap::theta(std::span<const double> z) const {
  auto out = base_;
  for (std::size_t k = 0; k < free_.size(); ++k) {
    const auto& b = box_[free_[k]];
    const Share at = share(z[k]);
    // From the nearer edge, so that a value very near it does not become the edge.
    out[free_[k]] =
        z[k] > 0 ? b.hi - (b.hi - b.lo) * at.rest : b.lo + (b.hi - b.lo) * at.s;
  }
  return out;
}

std::vector<double> BoxMap::z(std::span<const double> theta) const {
  std::vector<double> out;
  for (const std::size_t j : free_) {
    const double s =
        std::clamp((theta[j] - box_[j].lo) / (box_[j].hi - box_[j].lo), edge, 1 - edge);
    out.push_back(std::log(s / (1 - s)));
  }
  return out;
}

LogDensity BoxMap::density(const Function& f) const {
  return [map = *this, f](std::span<const double> z, std::span<double> gradient) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    std::ranges::fill(gradient, 0.0);
    for (const double x : z)
      if (!std::isfinite(x)) return -infinity;
    const auto at = f(map.theta(z));
    if (!std::isfinite(at.value)) return -infinity;
    double value = -at.value;
    for (std::size_t k = 0; k < z.size(); ++k) {
      const std::size_t j = map.free_[k];
      const Share s = share(z[k]);
      value += std::log(s.s) + std::log(s.rest);
      gradient[k] = -at.gradient[j] * (map.box_[j].hi - map.box_[j].lo) * s.s * s.rest +
                    s.rest - s.s;
    }
    return std::isfinite(value) ? value : -infinity;
  };
}

Matrix BoxMap::curvature(std::span<const double> z, const Matrix& of_f) const {
  Matrix out(size(), size());
  std::vector<double> slope(size());
  for (std::size_t k = 0; k < size(); ++k) {
    const Share s = share(z[k]);
    slope[k] = (box_[free_[k]].hi - box_[free_[k]].lo) * s.s * s.rest;
    out(k, k) = 2 * s.s * s.rest;
  }
  for (std::size_t k = 0; k < size(); ++k)
    for (std::size_t l = 0; l < size(); ++l)
      out(k, l) += slope[k] * of_f(free_[k], free_[l]) * slope[l];
  return out;
}

}  // namespace femto::stats
