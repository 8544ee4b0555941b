// Sums over fixed pieces of work, added pairwise in order: the same for any threads.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "femto/core/sum.h"

namespace femto {

/// `width` sums, each kept once per piece. Pieces may be written by different threads.
class PartialSums {
 public:
  PartialSums(std::size_t pieces, std::size_t width)
      : pieces_(pieces), values_(pieces * width, 0.0), width_(width) {}

  /// Sum k of one piece; neighbouring sums of a piece are `pieces` apart.
  double& at(std::size_t piece, std::size_t k) { return values_[k * pieces_ + piece]; }

  /// Sum k of every piece.
  std::span<const double> of(std::size_t k) const {
    return std::span(values_).subspan(k * pieces_, pieces_);
  }

  std::vector<double> total() const {
    std::vector<double> out;
    for (std::size_t k = 0; k < width_; ++k) out.push_back(pairwise_sum(of(k)));
    return out;
  }

 private:
  std::size_t pieces_;
  std::vector<double> values_;
  std::size_t width_;
};

}  // namespace femto
