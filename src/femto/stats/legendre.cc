// Legendre polynomials by their recurrence.
#include "femto/stats/legendre.h"

namespace femto::stats {

LegendreProducts::LegendreProducts(std::vector<Range> axes, std::size_t order)
    : axes_(std::move(axes)), order_(order) {
  std::vector<std::size_t> degrees(axes_.size(), 0);
  enumerate(degrees, 0, 0);
}

void LegendreProducts::evaluate(std::span<const double> x, std::span<double> out) const {
  std::vector<double> p(axes_.size() * (order_ + 1));
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    const double z = 2 * (x[a] - axes_[a].lo) / (axes_[a].hi - axes_[a].lo) - 1;
    double* row = &p[a * (order_ + 1)];
    row[0] = 1;
    row[1] = z;
    for (std::size_t k = 2; k <= order_; ++k) {
      const auto d = static_cast<double>(k);
      row[k] = ((2 * d - 1) * z * row[k - 1] - (d - 1) * row[k - 2]) / d;
    }
  }
  for (std::size_t t = 0; t < terms_.size(); ++t) {
    out[t] = 1;
    for (std::size_t a = 0; a < axes_.size(); ++a)
      out[t] *= p[a * (order_ + 1) + terms_[t][a]];
  }
}

void LegendreProducts::enumerate(std::vector<std::size_t>& degrees,
                                 std::size_t axis,
                                 std::size_t total) {
  if (axis == axes_.size()) {
    if (total > 0) terms_.push_back(degrees);
    return;
  }
  for (std::size_t k = 0; total + k <= order_; ++k) {
    degrees[axis] = k;
    enumerate(degrees, axis + 1, total + k);
  }
  degrees[axis] = 0;
}

}  // namespace femto::stats
