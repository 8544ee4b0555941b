// Many summaries as few uncorrelated coordinates, and regression on their squares.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "femto/core/matrix.h"

namespace femto::stats {

/// Linear map of summaries to uncorrelated coordinates of unit variance; those along
/// which the parameters are best predicted come first. Source: Hotelling:1936.
struct CanonicalMap {
  std::vector<double> mean;  // [summary]
  Matrix map;                // [coordinate, summary]
  double farthest = 1;       // length of the longest row it was made from

  std::vector<double> of(std::span<const double> summaries) const;
};

/// At most `most` coordinates, from summaries [row, summary] and parameters [row,
/// parameter]. Directions without variance are left out.
CanonicalMap canonical_map(const Matrix& summaries,
                           const Matrix& parameters,
                           std::size_t most);

/// Number of 1, u_i and u_i u_j.
std::size_t quadratic_count(std::size_t inputs);

/// Fills out [quadratic_count].
void quadratic_features(std::span<const double> u, std::span<double> out);

/// Coefficients [feature] of the regression of y [row] on the quadratic features of u
/// [row, input] by least squares.
std::vector<double> quadratic_regression(const Matrix& u, std::span<const double> y);

}  // namespace femto::stats
