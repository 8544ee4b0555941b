#include "femto/qcd/convolution.h"

#include <cmath>

#include <fmt/format.h>

#include "femto/core/threads.h"
#include "femto/qcd/gauss.h"

namespace femto::qcd {
namespace {

constexpr std::size_t cell_points = 16, edge_points = 30;

/// A point of the integral over u = x/z: where, and with which weight du.
struct Point {
  double u = 0, above = 0;  // above = u - x, where it is small
  double position = 0, weight = 0;
};

/// Points of all cells, the same for every row that is not next to the cell.
std::vector<Point> inner_points(const XGrid& grid) {
  const auto& rule = unit_rule(cell_points);
  std::vector<Point> points;
  for (std::size_t cell = 0; cell < grid.size(); ++cell)
    for (std::size_t k = 0; k < cell_points; ++k) {
      const double position = static_cast<double>(cell) + rule.t[k];
      const double u = grid.at(position);
      points.push_back({u, 0, position, rule.weight[k] / grid.slope(u)});
    }
  return points;
}

/// Points of the cell above x, where z -> 1: they crowd towards x as t^5, which tames
/// ln^2(1 - z) and what is left of 1/(1 - z).
std::vector<Point> edge_point_list(const XGrid& grid, double x, double next) {
  const auto& rule = unit_rule(edge_points);
  std::vector<Point> points;
  const double h = next - x;
  for (std::size_t k = 0; k < edge_points; ++k) {
    const double t = rule.t[k], t4 = t * t * t * t;
    const double above = h * t4 * t;
    points.push_back(
        {x + above, above, grid.position(x + above), rule.weight[k] * 5 * h * t4});
  }
  return points;
}

/// One row of every matrix.
class Row {
 public:
  Row(const XGrid& grid, std::span<const Singular> singular, std::size_t i, double* out)
      : grid_(grid), singular_(singular), values_(singular.size()), i_(i), out_(out) {}

  void fill(const KernelValues& kernel, const std::vector<Point>& inner) {
    const std::size_t n = grid_.size();
    const double x = grid_.x()[i_];
    const double next = i_ + 1 < n ? grid_.x()[i_ + 1] : 1;
    for (const auto& point : edge_point_list(grid_, x, next))
      add(kernel, point, point.above);
    for (std::size_t k = (i_ + 1) * cell_points; k < inner.size(); ++k)
      add(kernel, inner[k], inner[k].u - x);
    // int_0^x of the subtraction, and the delta functions
    const double log_rest = std::log1p(-x);
    for (std::size_t p = 0; p < singular_.size(); ++p) {
      const auto& s = singular_[p];
      at(p, i_) += s.plus * log_rest + s.log_plus * log_rest * log_rest / 2 + s.delta;
    }
  }

 private:
  double& at(std::size_t function, std::size_t j) {
    return out_[(function * grid_.size() + i_) * grid_.size() + j];
  }

  /// weight x/u^2 { K(z) F(u) - (plus + log_plus ln(1 - z))/(1 - z) F(x) }
  void add(const KernelValues& kernel, const Point& point, double above) {
    const double z = grid_.x()[i_] / point.u, one_minus_z = above / point.u;
    kernel(z, one_minus_z, values_);
    const auto s = grid_.stencil(point.position);
    const double w = point.weight * z / point.u;
    for (std::size_t p = 0; p < values_.size(); ++p) {
      double* row = &at(p, s.first);
      const double k = w * values_[p];
      for (std::size_t j = 0; j < s.count; ++j) row[j] += k * s.weight[j];
      double subtracted = singular_[p].plus;
      if (singular_[p].log_plus != 0)
        subtracted += singular_[p].log_plus * std::log(one_minus_z);
      at(p, i_) -= w * subtracted / one_minus_z;
    }
  }

  const XGrid& grid_;
  std::span<const Singular> singular_;
  std::vector<double> values_;
  std::size_t i_;
  double* out_;
};

}  // namespace

std::vector<double> convolution_matrices(const XGrid& grid,
                                         std::span<const Singular> singular,
                                         const KernelValues& values) {
  std::vector<double> out(singular.size() * grid.size() * grid.size());
  const auto inner = inner_points(grid);
  parallel_for(grid.size(), [&](std::size_t i) {
    Row(grid, singular, i, out.data()).fill(values, inner);
  });
  return out;
}

std::string convolution_description() {
  return fmt::format("{} and {} points", cell_points, edge_points);
}

}  // namespace femto::qcd
