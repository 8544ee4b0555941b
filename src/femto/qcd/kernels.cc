#include "femto/qcd/kernels.h"

#include <cmath>

#include "femto/core/error.h"

namespace femto::qcd {

KernelMatrices KernelMatrices::build(const XGrid& grid, Order order) {
  std::vector<Singular> singular(pieces_of(order));
  for (std::size_t p = 0; p < singular.size(); ++p)
    singular[p] = singular_part(static_cast<Piece>(p));
  return {grid.size(),
          order,
          convolution_matrices(
              grid, singular, [order](double z, double one_minus_z, std::span<double> k) {
                evaluate_pieces(order, z, one_minus_z, k);
              })};
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
  return fmt::format("splitting functions, {}; {}; {}",
                     order == Order::lo ? "LO" : "NLO",
                     grid.description(),
                     convolution_description());
}

}  // namespace femto::qcd
