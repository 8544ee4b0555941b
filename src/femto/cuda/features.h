// Between events in double precision, column by column, and what a network reads.
#pragma once
#include <cmath>

#include "femto/cuda/launch.h"

namespace femto::cuda {

/// z = (g(x) - mean) / sd, with g(x) = x or, for log_odds, ln(u / (1 - u)) with u the
/// position of x between lo and hi, cut off closer than `edge` to an end. The same
/// arithmetic as neural::Standardiser.
struct ColumnScale {
  bool log_odds = false;
  double lo = 0, hi = 1, mean = 0, sd = 1;
  double edge = 1e-9;

  constexpr double apply(double x) const {
    if (log_odds) {
      double u = (x - lo) / (hi - lo);
      u = u < edge ? edge : (u > 1 - edge ? 1 - edge : u);
      x = std::log(u / (1 - u));
    }
    return (x - mean) / sd;
  }

  constexpr double slope(double x) const {
    if (!log_odds) return 1 / sd;
    const double u = (x - lo) / (hi - lo);
    if (u <= edge || u >= 1 - edge) return 0;
    return 1 / (u * (1 - u) * (hi - lo) * sd);
  }
};

/// feature[row][column] of one column from event[row].
struct ColumnToFeature {
  static constexpr const char* name = "column_to_feature";
  static constexpr int threads = 256;

  ColumnScale scale;
  std::int64_t rows = 0, columns = 1, column = 0;
  const double* event = nullptr;
  float* feature = nullptr;

  std::int64_t blocks() const { return ceil_div(rows, threads); }

  std::size_t shared_bytes() const { return 0; }

  template <class Team>
  constexpr void operator()(const Team& team, const Block& block) const {
    each_index<threads>(team, block, rows, [&](std::int64_t i) {
      feature[i * columns + column] = static_cast<float>(scale.apply(event[i]));
    });
  }
};

/// dL/d(event[row]) of one column from dL/d(feature[row][column]), times `factor`.
struct FeatureToColumn {
  static constexpr const char* name = "feature_to_column";
  static constexpr int threads = 256;

  ColumnScale scale;
  std::int64_t rows = 0, columns = 1, column = 0;
  const double* event = nullptr;
  const float* feature_slope = nullptr;
  float factor = 1;
  double* event_slope = nullptr;

  std::int64_t blocks() const { return ceil_div(rows, threads); }

  std::size_t shared_bytes() const { return 0; }

  template <class Team>
  constexpr void operator()(const Team& team, const Block& block) const {
    each_index<threads>(team, block, rows, [&](std::int64_t i) {
      const float up = feature_slope[i * columns + column] * factor;
      event_slope[i] = static_cast<double>(up) * scale.slope(event[i]);
    });
  }
};

}  // namespace femto::cuda
