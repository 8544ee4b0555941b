// Losses of log-ratios and their slopes, safe for outputs of any size.
#include "femto/neural/ratio_loss.h"

#include <algorithm>
#include <cmath>

namespace femto::neural {

double binary_loss(const RatioEvent& e, std::span<double> slope) {
  double loss = 0;
  for (std::size_t k = 0; k < e.h.size(); ++k) {
    const double h = e.h[k], rest = std::log1p(std::exp(-std::fabs(h)));
    loss +=
        e.reference * (std::max(h, 0.0) + rest) + e.joint[k] * (std::max(-h, 0.0) + rest);
    const double p = 1 / (1 + std::exp(-h));
    slope[k] = e.reference * p - e.joint[k] * (1 - p);
  }
  return loss;
}

double contrastive_loss(const RatioEvent& e, double gamma, std::span<double> slope) {
  const auto count = static_cast<double>(e.h.size());
  const double top = std::max(0.0, *std::ranges::max_element(e.h));
  double sum = count * std::exp(-top);
  for (const double h : e.h) sum += gamma * std::exp(h - top);
  const double log_sum = top + std::log(sum);  // ln(K + gamma S)
  const double drawn = gamma / (1 + gamma) / count;
  double loss = e.reference / (1 + gamma) * (log_sum - std::log(count));
  double weight = e.reference / (1 + gamma);
  for (std::size_t k = 0; k < e.h.size(); ++k) {
    loss += drawn * e.joint[k] * (log_sum - std::log(gamma) - e.h[k]);
    weight += drawn * e.joint[k];
  }
  for (std::size_t k = 0; k < e.h.size(); ++k)
    slope[k] = weight * gamma * std::exp(e.h[k] - top) / sum - drawn * e.joint[k];
  return loss;
}

double density_loss(const RatioEvent& e, std::span<double> slope) {
  double loss = 0;
  for (std::size_t k = 0; k < e.h.size(); ++k) {
    const double ratio = e.reference * std::exp(e.h[k]);
    loss += ratio - e.joint[k] * e.h[k];
    slope[k] = ratio - e.joint[k];
  }
  return loss;
}

}  // namespace femto::neural
