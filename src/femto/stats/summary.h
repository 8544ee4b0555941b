// Summaries of samples: mean, spread, covariance, quantiles, skewness.
#pragma once
#include <span>
#include <vector>

#include "femto/core/matrix.h"

namespace femto::stats {

double mean(std::span<const double> x);

/// With n - 1 in the denominator; 0 for fewer than two values.
double variance(std::span<const double> x);
double standard_deviation(std::span<const double> x);

/// Third central moment over the cube of the standard deviation (both with n); 0 if all
/// values are equal.
double skewness(std::span<const double> x);

/// Linear interpolation between order statistics: probability 0 gives the smallest, 1 the
/// largest. Source: Hyndman:1996 definition 7.
double quantile(std::span<const double> x, double probability);

/// Mean of each column of draws[draw][parameter].
std::vector<double> column_means(const std::vector<std::vector<double>>& draws);

/// Covariance of the columns of draws[draw][parameter], n - 1: [parameter, parameter].
Matrix covariance(const std::vector<std::vector<double>>& draws);

/// Correlations of a covariance; rows and columns without variance are 0, diagonal 1.
Matrix correlation(const Matrix& covariance);

}  // namespace femto::stats
