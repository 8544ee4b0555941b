// Events in ascending order, wherever they are.
#pragma once
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "femto/pipeline/dataset.h"

namespace femto {

/// An event of two columns, ordered by x, then y.
struct Point {
  double x = 0, y = 0;

  auto operator<=>(const Point&) const = default;
};

/// Visits all values of one column in ascending order, block by block. The data must be
/// in memory. Where they are spread over ranks, each sorts its own and rank 0 merges.
void for_each_sorted(const Dataset& data,
                     std::size_t column,
                     const std::function<void(std::span<const double>)>& visit);

/// The same for the rows of data of two columns.
void for_each_sorted_point(const Dataset& data,
                           const std::function<void(std::span<const Point>)>& visit);

/// What a rank answers to Topic::sorted: blocks of its own events in order, which it
/// keeps for the next question.
class SortedPart {
 public:
  /// numbers: column, or -1 for points; begin and end of the block. An empty block ends
  /// the order.
  std::string answer(const Dataset& data, const std::vector<double>& numbers);

 private:
  double column_ = -2;
  std::vector<double> values_;
  std::vector<Point> points_;
};

}  // namespace femto
