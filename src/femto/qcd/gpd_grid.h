// Nodes in x at one skewness, for generalised parton distributions.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace femto::qcd {

/// A function of 0 < x < 1 given by its values at nodes; its other half, x < 0, follows
/// from a parity. Between the nodes it is one polynomial in a coordinate t for 0 < x < xi
/// (where quarks are exchanged, ERBL) and one for xi < x < 1 (DGLAP): it may bend at xi.
/// Nodes are Gauss-Legendre points in t, which crowds them towards xi, and for small xi
/// spreads them evenly in ln x, so integrals over x are sums over nodes.
class GpdGrid {
 public:
  /// `nodes` >= 8 between x = 0 and 1 at skewness 1e-5 <= xi <= 1; a picture of -1 < x <
  /// 1 has twice as many. Throws Error otherwise.
  GpdGrid(double xi, std::size_t nodes);

  double xi() const { return xi_; }

  std::size_t size() const { return x_.size(); }

  /// Ascending, none of them at 0, xi or 1.
  const std::vector<double>& x() const { return x_; }

  /// int_0^1 f dx = sum_i weights[i] f(x[i]).
  const std::vector<double>& weights() const { return weights_; }

  /// The polynomial pieces: one (xi = 1) or two.
  std::size_t pieces() const { return pieces_; }

  /// First node of a piece, and of the one after the last.
  std::size_t first(std::size_t piece) const { return first_[piece]; }

  /// x(t) in a piece, 0 <= t <= 1, and dx/dt.
  double at(std::size_t piece, double t) const;
  double slope(std::size_t piece, double t) const;

  /// The coordinate of node i in its piece.
  double t(std::size_t node) const { return t_[node]; }

  /// basis[k] = polynomial that is one at node first(piece) + k and zero at the others.
  void basis(std::size_t piece, double t, std::span<double> basis) const;

  /// weight[node]: value at 0 <= x <= 1 = sum_i weight[i] f(x[i]).
  void interpolation(double x, std::span<double> weight) const;

  /// What determines the nodes.
  std::string description() const;

 private:
  double length(double s) const;  // of the upper piece, from xi to xi + s (1 - xi)
  double share(double t) const;   // its inverse, at t^2 length(1)

  double xi_;
  std::size_t pieces_;
  std::size_t first_[3] = {};
  std::vector<double> x_, weights_, t_;
  std::vector<double> barycentric_;  // of each node within its piece
};

}  // namespace femto::qcd
