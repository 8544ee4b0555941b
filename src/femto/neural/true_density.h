// Densities of the true values of simulated records, at any parameters.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/pipeline/density.h"

namespace femto::neural {

/// Const and thread-safe.
class TrueDensity {
 public:
  /// truth[column, record]. `density` must outlive it.
  TrueDensity(const Density& density, const Matrix& truth);

  const Density& density() const { return *density_; }

  /// Of records first .. first + n - 1 at true parameters theta with their norms:
  /// log_f[n] and, unless null, score[parameter][n], summed over channels.
  void evaluate(std::span<const double> theta,
                const Norms& norms,
                std::size_t first,
                std::size_t n,
                double* log_f,
                double* const* score) const;

 private:
  const Density* density_;
  std::vector<Matrix> features_;  // [channel][feature, record]
};

}  // namespace femto::neural
