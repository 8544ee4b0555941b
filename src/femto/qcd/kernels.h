// Splitting functions as matrices on a grid in x.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/qcd/splitting.h"
#include "femto/qcd/x_grid.h"

namespace femto::qcd {

/// Matrices M of the pieces with sum_j M(i, j) F(x_j) = x (K (x) f)(x_i), F = x f.
/// Numbers of flavours enter later, so one set serves every scheme.
class KernelMatrices {
 public:
  /// Integrates every kernel against every basis function; rows on several threads.
  static KernelMatrices build(const XGrid& grid, Order order);

  /// From numbers() of the same grid and order.
  KernelMatrices(std::size_t nodes, Order order, std::vector<double> numbers);

  Order order() const { return order_; }

  std::size_t nodes() const { return nodes_; }

  /// One kernel, row-major [x, node].
  std::span<const double> piece(Piece piece) const;

  /// All pieces one after the other, to be kept on disk.
  const std::vector<double>& numbers() const { return numbers_; }

  /// What determines the numbers, besides the code.
  static std::string description(const XGrid& grid, Order order);

 private:
  std::size_t nodes_ = 0;
  Order order_ = Order::lo;
  std::vector<double> numbers_;  // [piece, x, node]
};

}  // namespace femto::qcd
