// Products of Legendre polynomials: functions whose means describe a distribution.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace femto::stats {

/// Ends of the interval that is rescaled to [-1, 1].
struct Range {
  double lo = -1, hi = 1;
};

/// Products of Legendre polynomials, one per axis, of total degree 1 to `order`.
class LegendreProducts {
 public:
  LegendreProducts(std::vector<Range> axes, std::size_t order);

  std::size_t axes() const { return axes_.size(); }

  std::size_t count() const { return terms_.size(); }

  /// x[axis] -> out[term].
  void evaluate(std::span<const double> x, std::span<double> out) const;

 private:
  void enumerate(std::vector<std::size_t>& degrees, std::size_t axis, std::size_t total);

  std::vector<Range> axes_;
  std::size_t order_;
  std::vector<std::vector<std::size_t>> terms_;  // [term][axis]
};

}  // namespace femto::stats
