// Gaussian events without random numbers, for tests of ratios and of unfolding.
#pragma once
#include <cmath>
#include <cstdint>
#include <vector>

#include <boost/math/special_functions/erf.hpp>

#include "femto/pipeline/sample.h"

namespace femto::testing {

inline double normal_of(double u) {
  return -std::sqrt(2.0) * boost::math::erfc_inv(2 * u);
}

/// Number i of a sequence that fills the cube evenly: the R_d sequence, which steps by
/// powers of the root of x^(d+1) = x + 1.
inline double even(std::size_t i, std::size_t axis) {
  constexpr double root = 1.1673039782614187;  // d = 4
  const double step = std::pow(root, -static_cast<double>(axis + 1));
  const double x = 0.5 + step * static_cast<double>(i + 1);
  return x - std::floor(x);
}

/// `n` events of N(mean, sd), smeared by `noise` in each measured column; each is
/// detected with the given probability.
inline PairedEvents gaussian_events(std::size_t n,
                                    double mean,
                                    double sd,
                                    const std::vector<double>& noise,
                                    double efficiency = 1,
                                    std::size_t skip = 0) {
  PairedEvents out;
  out.truth.assign(1, std::vector<double>(n));
  out.measured.assign(noise.size(), std::vector<double>(n));
  out.weight.assign(n, 1.0);
  out.detected.assign(n, 1);
  out.generated.assign(n, 1);
  for (std::size_t i = 0; i < n; ++i) {
    const double z = mean + sd * normal_of(even(i + skip, 0));
    out.truth[0][i] = z;
    for (std::size_t c = 0; c < noise.size(); ++c)
      out.measured[c][i] = z + noise[c] * normal_of(even(i + skip, 1 + c));
    out.detected[i] = even(i + skip, 3) < efficiency ? 1 : 0;
  }
  return out;
}

}  // namespace femto::testing
