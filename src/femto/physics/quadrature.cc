// Gauss-Legendre nodes by Newton's method on the Legendre recurrence.
#include "femto/physics/quadrature.h"

#include <cmath>
#include <numbers>

#include "femto/core/error.h"

namespace femto {
namespace {

struct Legendre {
  long double value, slope;
};

/// P_n(x) and P_n'(x) for |x| < 1. Source: DLMF Eq. (18.9.1).
Legendre legendre(std::size_t n, long double x) {
  long double previous = 1, current = x;
  for (std::size_t k = 2; k <= n; ++k) {
    const auto next = ((2 * k - 1) * x * current - (k - 1) * previous) / k;
    previous = current;
    current = next;
  }
  return {current, n * (previous - x * current) / (1 - x * x)};
}

}  // namespace

QuadratureRule gauss_legendre(std::size_t order) {
  expect(order >= 1, "a quadrature rule needs at least one point");
  if (order == 1) return {{0.0}, {2.0}};
  QuadratureRule rule{std::vector<double>(order), std::vector<double>(order)};
  const auto n = static_cast<long double>(order);
  for (std::size_t i = 0; i < (order + 1) / 2; ++i) {
    auto x = std::cos(std::numbers::pi_v<long double> * (i + 0.75L) / (n + 0.5L));
    for (int step = 0; step < 8; ++step) {
      const auto p = legendre(order, x);
      x -= p.value / p.slope;
    }
    if (2 * i + 1 == order) x = 0;
    const auto slope = legendre(order, x).slope;
    const auto weight = static_cast<double>(2 / ((1 - x * x) * slope * slope));
    rule.x[i] = static_cast<double>(-x);
    rule.x[order - 1 - i] = static_cast<double>(x);
    rule.weight[i] = rule.weight[order - 1 - i] = weight;
  }
  return rule;
}

QuadratureRule composite_gauss_legendre(double lo,
                                        double hi,
                                        std::size_t segments,
                                        std::size_t order) {
  const auto base = gauss_legendre(order);
  const double width = (hi - lo) / static_cast<double>(segments);
  QuadratureRule rule;
  rule.x.reserve(segments * order);
  rule.weight.reserve(segments * order);
  for (std::size_t s = 0; s < segments; ++s) {
    const double middle = lo + width * (static_cast<double>(s) + 0.5);
    for (std::size_t i = 0; i < order; ++i) {
      rule.x.push_back(middle + 0.5 * width * base.x[i]);
      rule.weight.push_back(0.5 * width * base.weight[i]);
    }
  }
  return rule;
}

}  // namespace femto
