// A density over several axes, multilinear between the nodes of a grid.
#pragma once
#include <array>
#include <vector>

#include "femto/physics/grid_density.h"

namespace femto {

/// The grid density of two to four axes. Axis a is drawn from the marginal of axes 0..a,
/// which is again multilinear; `tables_[a]` holds that marginal.
class Multilinear final : public GridDensity {
 public:
  static constexpr std::size_t max_axes = 4;

  Multilinear(const GridNodes& nodes, std::vector<double> values);

  double integral() const override { return integral_; }

  void draw(std::size_t n, const double* const* u, double* const* x) const override;
  void backward(std::size_t n,
                const Uniforms& uniforms,
                const double* const* upstream,
                double* value_slope) const override;
  void density(std::size_t n, const double* const* x, double* q) const override;

 private:
  static constexpr std::size_t max_rows = 1 << (max_axes - 1);

  /// Values and running integrals along axis a, for every node of the axes before it:
  /// [row][node].
  struct Table {
    std::vector<double> value, prefix;
  };

  /// One event on one axis: neighbouring rows with their weights, and where it fell.
  struct Stop {
    std::array<std::size_t, max_rows> row;
    std::array<double, max_rows> weight;
    std::size_t cell;
    double tau, density;
  };

  struct Sums;

  void find(std::size_t axis, double u, Stop& stop) const;
  void next_rows(std::size_t axis, const Stop& from, Stop& to) const;
  void backward_one(const double* u, double* upstream, std::vector<Sums>& sums) const;
  double cross_term(std::size_t axis,
                    std::size_t earlier,
                    double u,
                    const std::array<Stop, max_axes>& stops) const;

  const GridNodes& nodes_;
  std::vector<Table> tables_;  // [axis]
  double integral_ = 0;
};

}  // namespace femto
