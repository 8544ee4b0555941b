// Logistic regression on quadratic features: the log ratio of two densities.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace femto::stats {

/// Events with weights, which may be negative: [column][event] and [event].
struct WeightedColumns {
  std::vector<std::span<const double>> columns;
  std::span<const double> weights;
};

/// ln(density above / density below), both normalised, as 1, u_i and u_i u_j of columns
/// in units of mean and standard deviation below. Exact where both are Gaussian.
class QuadraticLogRatio {
 public:
  /// By Newton's method with halved steps. The last step, expected to lower the loss per
  /// event by less than `tolerance`, is taken without a look: it leaves an error of the
  /// order of the tolerance squared. Throws NumericalError if the samples do not overlap
  /// or weights sum to 0 or less. Source: Hastie:2009 section 4.4.1.
  QuadraticLogRatio(const WeightedColumns& above,
                    const WeightedColumns& below,
                    double tolerance = 1e-8);

  /// Fills [event]. The same bits for any number of threads.
  void at(const std::vector<std::span<const double>>& columns,
          std::span<double> out) const;

 private:
  std::vector<double> mean_, scale_;  // [column]
  std::vector<double> beta_;          // [feature]
};

}  // namespace femto::stats
