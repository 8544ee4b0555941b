#include "femto/core/split_sum.h"

#include <algorithm>

#include "femto/core/sum.h"

namespace femto {
namespace {

/// Terms [from, to) of all, as a node of the tree.
void collect(std::span<const double> own,
             std::size_t begin,
             std::size_t from,
             std::size_t to,
             std::vector<double>& out) {
  const std::size_t end = begin + own.size();
  if (to <= begin || end <= from) return;
  if (begin <= from && to <= end) {
    out.push_back(pairwise_sum(own.subspan(from - begin, to - from)));
    return;
  }
  if (to - from <= pairwise_leaf) {
    for (std::size_t i = std::max(from, begin); i < std::min(to, end); ++i)
      out.push_back(own[i - begin]);
    return;
  }
  const std::size_t middle = from + (to - from) / 2;
  collect(own, begin, from, middle, out);
  collect(own, begin, middle, to, out);
}

double join(std::size_t from,
            std::size_t to,
            std::span<const std::size_t> bounds,
            const std::function<double(std::size_t)>& next) {
  const auto holder_of = [&](std::size_t i) {
    const auto after = std::ranges::upper_bound(bounds, i);
    return static_cast<std::size_t>(after - bounds.begin()) - 1;
  };
  const std::size_t holder = holder_of(from);
  if (to <= bounds[holder + 1]) return next(holder);
  if (to - from <= pairwise_leaf) {
    double sum = 0;
    for (std::size_t i = from; i < to; ++i) sum += next(holder_of(i));
    return sum;
  }
  const std::size_t middle = from + (to - from) / 2;
  const double left = join(from, middle, bounds, next);
  return left + join(middle, to, bounds, next);
}

}  // namespace

std::vector<double> subtree_sums(std::span<const double> own,
                                 std::size_t begin,
                                 std::size_t n) {
  std::vector<double> out;
  if (!own.empty()) collect(own, begin, 0, n, out);
  return out;
}

double joined_sum(std::size_t n,
                  std::span<const std::size_t> bounds,
                  const std::function<double(std::size_t)>& next) {
  return n == 0 ? 0 : join(0, n, bounds, next);
}

}  // namespace femto
