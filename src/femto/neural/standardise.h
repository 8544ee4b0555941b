// The frozen change of variables between measured columns and what networks see.
#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "femto/pipeline/dataset.h"

namespace femto::neural {

enum class Scaling { none, mean_sd, log_odds };

constexpr std::array<std::pair<std::string_view, Scaling>, 3> names(Scaling) {
  return {{{"none", Scaling::none},
           {"mean_sd", Scaling::mean_sd},
           {"log_odds", Scaling::log_odds}}};
}

/// Positions closer to an end are moved there: ln(u / (1 - u)) stays finite.
inline constexpr double log_odds_edge = 1e-9;

/// One column: z = (g(x) - mean) / sd, with g(x) = x or ln(u / (1 - u)), u the position
/// of x between lo and hi.
struct ColumnScale {
  double lo = 0, hi = 1;
  double mean = 0, sd = 1;
};

/// Fitted once to the data and then the same for data and generated events: separate
/// scalings would hide differences of mean and spread.
class Standardiser {
 public:
  /// Reads the data once. `log_odds` needs columns inside the axes of the theory.
  static Standardiser fit(Scaling scaling, const Theory& theory, const Dataset& data);

  Standardiser(Scaling scaling, std::vector<ColumnScale> columns)
      : scaling_(scaling), columns_(std::move(columns)) {}

  Scaling scaling() const { return scaling_; }

  const std::vector<ColumnScale>& columns() const { return columns_; }

  double apply(std::size_t column, double x) const;

  /// dz/dx; zero where log_odds is cut off, closer than log_odds_edge to an end.
  double slope(std::size_t column, double x) const;

  /// Checksum of every number of the transform.
  std::string hash() const;

 private:
  Scaling scaling_;
  std::vector<ColumnScale> columns_;
};

}  // namespace femto::neural
