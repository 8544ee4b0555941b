// Quantiles and probabilities, by Boost.Math.
#include "femto/stats/distributions.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>

#include "femto/core/error.h"

namespace femto::stats {
namespace {

/// sum_{k} of the limiting law of sqrt(n) D, in the form that converges fast at small t.
double kolmogorov_cdf_small(double t) {
  constexpr double pi = std::numbers::pi;
  double sum = 0;
  for (int k = 1; k <= 9; k += 2) sum += std::exp(-k * k * pi * pi / (8 * t * t));
  return std::sqrt(2 * pi) / t * sum;
}

double kolmogorov_survival_large(double t) {
  double sum = 0;
  for (int k = 1; k <= 6; ++k) sum += (k % 2 ? 2 : -2) * std::exp(-2 * k * k * t * t);
  return sum;
}

}  // namespace

double chi_square_cdf(double x, double degrees) {
  return x <= 0 ? 0 : boost::math::cdf(boost::math::chi_squared(degrees), x);
}

double chi_square_survival(double x, double degrees) {
  if (x <= 0) return 1;
  return boost::math::cdf(boost::math::complement(boost::math::chi_squared(degrees), x));
}

double chi_square_quantile(double probability, double degrees) {
  expect(probability >= 0 && probability < 1, "a probability lies in [0, 1)");
  return boost::math::quantile(boost::math::chi_squared(degrees), probability);
}

double normal_cdf(double z) {
  return boost::math::cdf(boost::math::normal(), z);
}

double normal_quantile(double probability) {
  expect(probability > 0 && probability < 1, "a probability lies in (0, 1)");
  return boost::math::quantile(boost::math::normal(), probability);
}

double kolmogorov_survival(double distance, double n) {
  expect(n > 0, "the Kolmogorov test needs values");
  const double t = distance * (std::sqrt(n) + 0.12 + 0.11 / std::sqrt(n));
  if (t < 0.04) return 1;
  const double p = t < 1.18 ? 1 - kolmogorov_cdf_small(t) : kolmogorov_survival_large(t);
  return std::clamp(p, 0.0, 1.0);
}

double binomial_error(double fraction, double n) {
  expect(n > 0, "a fraction is of something");
  return std::sqrt(fraction * (1 - fraction) / n);
}

FractionInterval binomial_interval(std::uint64_t k, std::uint64_t n, double level) {
  expect(k <= n && n > 0, "k of n with k <= n");
  using Binomial = boost::math::binomial;
  const auto trials = static_cast<double>(n), seen = static_cast<double>(k);
  const double tail = (1 - level) / 2;
  FractionInterval out;
  if (k > 0) out.lo = Binomial::find_lower_bound_on_p(trials, seen, tail);
  if (k < n) out.hi = Binomial::find_upper_bound_on_p(trials, seen, tail);
  return out;
}

}  // namespace femto::stats
