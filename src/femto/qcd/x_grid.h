// Nodes in x with local polynomial interpolation between them.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace femto::qcd {

/// How a momentum density F(x) = x f(x) is represented: by its values at nodes that are
/// equally spaced in y = ln(1/x) + stretch (1 - x), from x_min to x = 1. The node at 1 is
/// implied (F(1) = 0) and not counted. Between nodes F is a polynomial in y.
class XGrid {
 public:
  struct Settings {
    std::size_t nodes = 100;
    double x_min = 1e-7;
    double stretch = 25;     // more of it puts more nodes near x = 1
    std::size_t degree = 7;  // of the polynomials, at most max_degree
    bool operator==(const Settings&) const = default;
  };

  static constexpr std::size_t max_degree = 11;

  /// Throws Error unless 0 < x_min < 1, degree >= 1 and there are more nodes than degree.
  explicit XGrid(const Settings& settings);

  const Settings& settings() const { return settings_; }

  std::size_t size() const { return x_.size(); }

  /// Ascending nodes, below 1.
  std::span<const double> x() const { return x_; }

  /// x of a position counted in nodes: at(j) = x()[j], at(size()) = 1.
  double at(double position) const;

  /// The position of x in units of nodes, 0 at x_min and size() at 1.
  double position(double x) const;

  /// d position/dx.
  double slope(double x) const;

  /// F(x) = sum_k weight[k] F(node first + k), k < count: the degree + 1 nodes around x,
  /// as far as there are nodes on either side.
  struct Stencil {
    std::size_t first = 0, count = 0;
    double weight[max_degree + 1] = {};
  };

  Stencil stencil(double position) const;

  /// Value at x in [x_min, 1] of the function with these values at the nodes.
  double interpolate(std::span<const double> values, double x) const;

  /// weights[j] with int_{x_min}^1 x^(n-2) F(x) dx = sum_j weights[j] F(x_j): n = 1
  /// counts partons, n = 2 adds up their momentum.
  std::vector<double> moment_weights(double n) const;

  /// int_0^1 x^(n-2) F(x) dx: the sum over nodes, and below x_min the continuation of F
  /// as x^p exp(c sqrt(ln 1/x)), the form that evolution drives it to (Source:
  /// DeRujula:1974). Throws NumericalError where that is impossible: F changes its sign
  /// at the lowest nodes, or the integral diverges.
  struct Moment {
    double nodes = 0, below = 0;

    double total() const { return nodes + below; }
  };

  Moment moment(std::span<const double> values, double n) const;

  /// One line that determines the grid; part of the key of everything kept on disk.
  std::string description() const;

 private:
  Settings settings_;
  double step_ = 0, top_ = 0;  // in y
  std::vector<double> x_;
};

}  // namespace femto::qcd
