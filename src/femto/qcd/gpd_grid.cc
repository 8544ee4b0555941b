#include "femto/qcd/gpd_grid.h"

#include <algorithm>
#include <cmath>

#include "femto/core/error.h"
#include "femto/qcd/gauss.h"

namespace femto::qcd {
namespace {

/// Weights of the barycentric form of the polynomial through nodes t.
/// Source: Berrut:2004 section 3.
std::vector<double> barycentric_weights(const std::vector<double>& t) {
  std::vector<double> out;
  for (std::size_t i = 0; i < t.size(); ++i) {
    double product = 1;
    for (std::size_t j = 0; j < t.size(); ++j)
      if (j != i) product *= 4 * (t[i] - t[j]);  // 4: keeps the product near one
    out.push_back(1 / product);
  }
  return out;
}

/// How dense the nodes stay at large x, where ln x hardly changes.
constexpr double stretch = 12;

/// Nodes below xi: more where that piece is longer and bends at one end only.
std::size_t nodes_below(double xi, std::size_t nodes) {
  if (xi == 1) return nodes;
  const double share = 0.22 + 0.28 * xi;
  return static_cast<std::size_t>(std::lround(share * static_cast<double>(nodes)));
}

}  // namespace

GpdGrid::GpdGrid(double xi, std::size_t nodes) : xi_(xi), pieces_(xi == 1 ? 1 : 2) {
  if (!(xi >= 1e-5 && xi <= 1))
    fail("skewness xi = {} of a grid (it must lie in [1e-5, 1])", xi);
  if (nodes < 8 || nodes > 200)
    fail("{} nodes of a grid in 0 < x < 1 (8 to 200 can be used)", nodes);
  first_[1] = nodes_below(xi, nodes);
  first_[2] = nodes;
  for (std::size_t piece = 0; piece < pieces_; ++piece) {
    const auto rule = gauss_legendre(first_[piece + 1] - first_[piece]);
    for (std::size_t k = 0; k < rule.size(); ++k) {
      t_.push_back(rule.t[k]);
      x_.push_back(at(piece, rule.t[k]));
      weights_.push_back(rule.weight[k] * slope(piece, rule.t[k]));
    }
    const auto w = barycentric_weights(rule.t);
    barycentric_.insert(barycentric_.end(), w.begin(), w.end());
  }
}

// Below xi: distance to xi = xi (1 - t)^2. Above, with s = (x - xi)/(1 - xi): t^2 in
// proportion to ln(1 + s/xi) + stretch s.
double GpdGrid::at(std::size_t piece, double t) const {
  if (piece == 0) return xi_ * t * (2 - t);
  return xi_ + (1 - xi_) * share(t);
}

double GpdGrid::slope(std::size_t piece, double t) const {
  if (piece == 0) return 2 * xi_ * (1 - t);
  return (1 - xi_) * 2 * t * length(1) / (1 / (xi_ + share(t)) + stretch);
}

double GpdGrid::length(double s) const {
  return std::log1p(s / xi_) + stretch * s;
}

double GpdGrid::share(double t) const {
  const double wanted = t * t * length(1);
  // Newton from below, where the concave function's tangents overshoot.
  double s = wanted / (1 / xi_ + stretch);
  for (int k = 0; k < 100; ++k) {
    const double step = (wanted - length(s)) / (1 / (xi_ + s) + stretch);
    s += step;
    if (std::abs(step) <= 1e-16 * s) break;
  }
  return std::min(s, 1.0);
}

void GpdGrid::basis(std::size_t piece, double t, std::span<double> basis) const {
  const std::size_t begin = first_[piece];
  double sum = 0;
  for (std::size_t k = 0; k < basis.size(); ++k) {
    const double distance = t - t_[begin + k];
    if (distance == 0) {
      std::fill(basis.begin(), basis.end(), 0.0);
      basis[k] = 1;
      return;
    }
    basis[k] = barycentric_[begin + k] / distance;
    sum += basis[k];
  }
  for (double& b : basis) b /= sum;
}

void GpdGrid::interpolation(double x, std::span<double> weight) const {
  expect(weight.size() == size() && x >= 0 && x <= 1, "interpolation outside of a grid");
  std::fill(weight.begin(), weight.end(), 0.0);
  const std::size_t piece = x > xi_ ? 1 : 0;
  const double t = piece == 0 ? 1 - std::sqrt(std::max(0.0, 1 - x / xi_))
                              : std::sqrt(length((x - xi_) / (1 - xi_)) / length(1));
  basis(piece, t, weight.subspan(first_[piece], first_[piece + 1] - first_[piece]));
}

std::string GpdGrid::description() const {
  return fmt::format("x grid of skewness {}: {} + {} nodes, stretch {}",
                     xi_,
                     first_[1],
                     size() - first_[1],
                     stretch);
}

}  // namespace femto::qcd
