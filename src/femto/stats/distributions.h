// Quantiles, probabilities and errors of the distributions that results are judged by.
#pragma once
#include <cstdint>

namespace femto::stats {

/// P(X <= x) of chi-square with `degrees` of freedom.
double chi_square_cdf(double x, double degrees);

/// P(X > x), accurate in the tail.
double chi_square_survival(double x, double degrees);

/// x with P(X <= x) = probability.
double chi_square_quantile(double probability, double degrees);

/// P(Z <= z) of the standard normal.
double normal_cdf(double z);

/// z with P(Z <= z) = probability.
double normal_quantile(double probability);

/// P(sup |F_n - F| > distance) for n independent values.
/// Source: Stephens:1970 (effective sqrt(n)), Marsaglia:2003 (limiting series).
double kolmogorov_survival(double distance, double n);

/// Standard deviation of the fraction k/n when the true one is `fraction`.
double binomial_error(double fraction, double n);

/// The central interval of the true fraction when k of n are seen.
struct FractionInterval {
  double lo = 0, hi = 1;
};

/// Source: Clopper:1934.
FractionInterval binomial_interval(std::uint64_t k, std::uint64_t n, double level);

}  // namespace femto::stats
