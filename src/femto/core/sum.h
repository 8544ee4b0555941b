// Sums whose value does not depend on threads or batch size.
#pragma once
#include <cstddef>
#include <span>

namespace femto {

/// Terms that pairwise_sum adds one after another.
inline constexpr std::size_t pairwise_leaf = 32;

/// Pairwise sum over a fixed binary tree: error grows as log n.
/// Source: Higham:1993 section 2.
inline double pairwise_sum(std::span<const double> x) {
  if (x.size() <= pairwise_leaf) {
    double s = 0;
    for (const double v : x) s += v;
    return s;
  }
  const std::size_t half = x.size() / 2;
  return pairwise_sum(x.first(half)) + pairwise_sum(x.subspan(half));
}

/// Running sum with Neumaier's correction. Source: Neumaier:1974.
class CompensatedSum {
 public:
  void add(double x) {
    const double t = sum_ + x;
    const bool sum_is_larger = (sum_ < 0 ? -sum_ : sum_) >= (x < 0 ? -x : x);
    lost_ += sum_is_larger ? (sum_ - t) + x : (x - t) + sum_;
    sum_ = t;
  }

  double value() const { return sum_ + lost_; }

 private:
  double sum_ = 0, lost_ = 0;
};

}  // namespace femto
