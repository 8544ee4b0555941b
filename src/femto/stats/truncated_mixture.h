// Mixtures of normal densities cut off at the ends of an interval.
#pragma once
#include <span>
#include <vector>

namespace femto::stats {

/// q(y) = sum_i w_i N(y; m_i, s_i) / sum_i w_i P_i on [lo, hi], P_i the probability of
/// component i there, w = softmax(logit). It cannot leak out of the interval.
struct TruncatedMixture {
  double lo = 0, hi = 1;
  std::vector<double> logit, mean, log_sd;  // [component]

  /// ln q(y), finite for y in the interval.
  double log_density(double y) const;

  /// The same with derivatives by logit, mean and log_sd: slope [3 * component].
  double log_density(double y, std::span<double> slope) const;

  /// A draw from two uniforms: of the component and of the place in it.
  double draw(double u, double v) const;
};

/// The mixture that 3 n outputs of a network stand for: logits, shifts of the means from
/// places spread over one unit, and logarithms of the widths, which level off at 5. Zeros
/// give mean 0 and variance 1 before it is cut off.
TruncatedMixture mixture_of(std::span<const float> outputs, double lo, double hi);

/// Derivatives by logit, mean and log_sd of that mixture become those by the outputs.
void chain_to_outputs(std::span<const float> outputs, std::span<double> slope);

}  // namespace femto::stats
