#include "femto/qcd/kernels.h"

#include <cmath>

#include "femto/core/error.h"
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

class Row {
 public:
  Row(const XGrid& grid, Order order, std::size_t i, double* numbers)
      : grid_(grid), order_(order), i_(i), n_(grid.size()), numbers_(numbers) {
    for (std::size_t p = 0; p < pieces_of(order_); ++p)
      singular_[p] = singular_part(static_cast<Piece>(p));
  }

  void fill(const std::vector<Point>& inner) {
    const double x = grid_.x()[i_];
    const double next = i_ + 1 < n_ ? grid_.x()[i_ + 1] : 1;
    for (const auto& point : edge_point_list(grid_, x, next)) add(point, point.above);
    for (std::size_t k = (i_ + 1) * cell_points; k < inner.size(); ++k)
      add(inner[k], inner[k].u - x);
    // int_0^x of the subtraction, and the delta functions
    for (std::size_t p = 0; p < pieces_of(order_); ++p)
      at(p, i_) += singular_[p].plus * std::log1p(-x) + singular_[p].delta;
  }

 private:
  double& at(std::size_t piece, std::size_t j) {
    return numbers_[(piece * n_ + i_) * n_ + j];
  }

  /// weight x/u^2 { K(z) F(u) - plus/(1 - z) F(x) }
  void add(const Point& point, double above) {
    const double x = grid_.x()[i_], u = point.u;
    const double z = x / u, one_minus_z = above / u;
    evaluate_pieces(order_, z, one_minus_z, values_);
    const auto s = grid_.stencil(point.position);
    const double w = point.weight * z / u;
    for (std::size_t p = 0; p < pieces_of(order_); ++p) {
      double* row = &at(p, s.first);
      const double k = w * values_[p];
      for (std::size_t j = 0; j < s.count; ++j) row[j] += k * s.weight[j];
      at(p, i_) -= w * singular_[p].plus / one_minus_z;
    }
  }

  const XGrid& grid_;
  Order order_;
  std::size_t i_, n_;
  double* numbers_;
  std::array<Singular, piece_count> singular_{};
  std::array<double, piece_count> values_{};
};

}  // namespace

KernelMatrices KernelMatrices::build(const XGrid& grid, Order order) {
  std::vector<double> numbers(pieces_of(order) * grid.size() * grid.size());
  const auto inner = inner_points(grid);
  parallel_for(grid.size(),
               [&](std::size_t i) { Row(grid, order, i, numbers.data()).fill(inner); });
  return {grid.size(), order, std::move(numbers)};
}

KernelMatrices::KernelMatrices(std::size_t nodes,
                               Order order,
                               std::vector<double> numbers)
    : nodes_(nodes), order_(order), numbers_(std::move(numbers)) {
  expect(numbers_.size() == pieces_of(order_) * nodes_ * nodes_,
         "kernel matrices of another grid or order");
  for (const double v : numbers_)
    if (!std::isfinite(v)) throw Bug("an integral of a splitting function is not finite");
}

std::span<const double> KernelMatrices::piece(Piece piece) const {
  expect(index(piece) < pieces_of(order_), "a kernel that this order does not have");
  return std::span(numbers_).subspan(index(piece) * nodes_ * nodes_, nodes_ * nodes_);
}

std::string KernelMatrices::description(const XGrid& grid, Order order) {
  return fmt::format("splitting functions, {}; {}; {} and {} points",
                     order == Order::lo ? "LO" : "NLO",
                     grid.description(),
                     cell_points,
                     edge_points);
}

}  // namespace femto::qcd
