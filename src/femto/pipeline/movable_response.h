// A response with one nuisance parameter: simulated events move with it.
#pragma once
#include <optional>
#include <vector>

#include "femto/pipeline/unfolding.h"

namespace femto {

/// Without a nuisance parameter nothing moves. Residuals are measured minus true values
/// of detected events; their mean and standard deviation as simulated are the zero and
/// the unit of the parameter.
class MovableResponse {
 public:
  /// `matched`: events that are generated and detected. Throws DataError if their
  /// residuals have no width.
  MovableResponse(const PairedEvents& simulation,
                  const std::vector<std::size_t>& matched,
                  const std::optional<ResponseNuisance>& nuisance);

  /// Puts the measured values [column][detected] where the parameter says. `matched`:
  /// places in detected, in the order of the constructor's.
  void move(std::vector<std::vector<double>>& measured,
            const std::vector<std::size_t>& matched) const;

  /// The parameter that explains the residuals best, with these weights [matched]: a step
  /// of the EM iteration. False if there is nothing to fit.
  bool fit(const std::vector<std::vector<double>>& measured,
           const std::vector<std::size_t>& matched,
           const std::vector<double>& weight);

  std::optional<double> value() const;

 private:
  std::optional<ResponseNuisance> nuisance_;
  std::vector<double> truth_, residual_;  // [matched]
  double mean_ = 0, sd_ = 1;              // of residual_
  double value_ = 0;
};

}  // namespace femto
