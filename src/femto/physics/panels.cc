// Panels: nodes by the Gauss-Legendre rule, coefficients by Lagrange's polynomials.
#include "femto/physics/panels.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "femto/core/error.h"
#include "femto/physics/quadrature.h"

namespace femto {
namespace {

constexpr std::size_t order = Panels::order;

/// Coefficients of the ten Lagrange polynomials, in more digits than a double has.
std::array<double, order * order> lagrange_coefficients() {
  const auto rule = gauss_legendre(order);
  std::array<double, order * order> out{};
  for (std::size_t j = 0; j < order; ++j) {
    std::array<long double, order> polynomial{1};
    long double scale = 1;
    std::size_t degree = 0;
    for (std::size_t i = 0; i < order; ++i) {
      if (i == j) continue;
      const long double root = rule.x[i];
      scale *= static_cast<long double>(rule.x[j]) - root;
      ++degree;
      for (std::size_t k = degree; k > 0; --k)
        polynomial[k] = polynomial[k - 1] - root * polynomial[k];
      polynomial[0] *= -root;
    }
    for (std::size_t k = 0; k < order; ++k)
      out[k * order + j] = static_cast<double>(polynomial[k] / scale);
  }
  return out;
}

}  // namespace

Panels::Panels(std::vector<double> given) : edges(std::move(given)) {
  expect(edges.size() > 1, "panels need two edges");
  const auto rule = gauss_legendre(order);
  for (std::size_t p = 0; p < count(); ++p) {
    const double half = 0.5 * (edges[p + 1] - edges[p]);
    expect(half > 0, "edges of panels ascend");
    for (std::size_t i = 0; i < order; ++i) {
      x.push_back(edges[p] + half * (1 + rule.x[i]));
      weight.push_back(half * rule.weight[i]);
    }
  }
}

double Panels::position(double at) const {
  const auto above = std::upper_bound(edges.begin() + 1, edges.end() - 1, at);
  const auto panel = static_cast<std::size_t>(above - edges.begin()) - 1;
  const double inside = (at - edges[panel]) / (edges[panel + 1] - edges[panel]);
  return static_cast<double>(panel) + std::clamp(inside, 0.0, 1.0);
}

Panels Panels::between(double from, double to, std::size_t& first) const {
  const double close = 1e-12 * (hi() - lo());
  std::vector<double> kept;
  first = count();
  for (std::size_t e = 0; e < edges.size(); ++e) {
    if (edges[e] < from - close || edges[e] > to + close) continue;
    first = std::min(first, e);
    kept.push_back(edges[e]);
  }
  expect(kept.size() > 1 && std::fabs(kept.front() - from) <= close &&
             std::fabs(kept.back() - to) <= close,
         "panels are cut at edges");
  return Panels(std::move(kept));
}

Panels refined(std::vector<double> edges, const std::function<double(double x)>& width) {
  std::ranges::sort(edges);
  const double close = 1e-9 * (edges.back() - edges.front());
  std::vector<double> out{edges.front()};
  for (std::size_t e = 1; e < edges.size(); ++e) {
    if (edges[e] - out.back() <= close) continue;
    // Halves until every part is narrow enough: fine only where it must be.
    std::vector<double> ends{edges[e]};
    while (!ends.empty()) {
      const double middle = 0.5 * (out.back() + ends.back());
      if (ends.back() - out.back() <= width(middle)) {
        out.push_back(ends.back());
        ends.pop_back();
      } else {
        ends.push_back(middle);
      }
    }
  }
  return Panels(std::move(out));
}

std::span<const double> panel_coefficients() {
  static const auto matrix = lagrange_coefficients();
  return matrix;
}

}  // namespace femto
