// An interval cut into panels with Gauss-Legendre nodes: integrals and interpolation to
// the same order.
#pragma once
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace femto {

/// Ten Gauss-Legendre nodes in every panel.
struct Panels {
  static constexpr std::size_t order = 10;

  std::vector<double> edges;      // [panel + 1], ascending
  std::vector<double> x, weight;  // [panel * order + node]

  Panels() = default;

  /// Throws Bug unless there are at least two ascending edges.
  explicit Panels(std::vector<double> edges);

  std::size_t count() const { return edges.size() - 1; }

  std::size_t nodes() const { return x.size(); }

  double lo() const { return edges.front(); }

  double hi() const { return edges.back(); }

  /// Panel number plus the position in it, in [0, count()]; ends for points outside.
  double position(double at) const;

  /// The panels between two edges, which must be edges of this one to 1e-12 of its width;
  /// `first` receives the number of the first panel kept.
  Panels between(double from, double to, std::size_t& first) const;
};

/// The edges given and as many between them that no panel is wider than width(x) at its
/// middle.
Panels refined(std::vector<double> edges, const std::function<double(double x)>& width);

/// From ten nodal values to the coefficients of their polynomial in s, which runs from -1
/// to 1 over the panel: coefficient[k] = sum_j matrix[k * order + j] * value[j].
std::span<const double> panel_coefficients();

}  // namespace femto
