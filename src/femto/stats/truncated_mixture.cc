// Densities, derivatives and draws of truncated mixtures.
#include "femto/stats/truncated_mixture.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "femto/stats/distributions.h"

namespace femto::stats {
namespace {

const double log_root_2_pi = 0.5 * std::log(2 * std::numbers::pi);
/// Probability below which an interval counts as out of reach of a component.
constexpr double nothing = 1e-280;
/// Standard deviations beyond which nothing of one is left in double precision.
constexpr double far = 9;
/// Bound of the logarithm of a component's width.
constexpr double widest = 5;

double phi(double z) {
  return std::exp(-0.5 * z * z - log_root_2_pi);
}

double upper(double z) {
  return 0.5 * std::erfc(z * std::numbers::sqrt2 / 2);
}

/// One component in the interval.
struct Part {
  double s, a, b, p;  // sd, ends in units of it from the mean, probability between
};

std::vector<Part> parts_of(const TruncatedMixture& m) {
  std::vector<Part> out;
  for (std::size_t i = 0; i < m.mean.size(); ++i) {
    const double s = std::exp(m.log_sd[i]);
    const double a = (m.lo - m.mean[i]) / s, b = (m.hi - m.mean[i]) / s;
    // Differences of small numbers, never of those near one; far ends cut off nothing.
    const double p = a < -far && b > far ? 1
                     : a > 0             ? upper(a) - upper(b)
                                         : upper(-b) - upper(-a);
    out.push_back({s, a, b, std::max(p, nothing)});
  }
  return out;
}

std::vector<double> softmax(std::span<const double> logit) {
  const double top = *std::ranges::max_element(logit);
  std::vector<double> w;
  double sum = 0;
  for (const double l : logit) sum += w.emplace_back(std::exp(l - top));
  for (double& x : w) x /= sum;
  return w;
}

}  // namespace

double TruncatedMixture::log_density(double y) const {
  return log_density(y, {});
}

double TruncatedMixture::log_density(double y, std::span<double> slope) const {
  const std::size_t n = mean.size();
  const auto w = softmax(logit);
  const auto parts = parts_of(*this);
  std::vector<double> log_n(n);
  double total = 0, top = -INFINITY;
  for (std::size_t i = 0; i < n; ++i) {
    const double z = (y - mean[i]) / parts[i].s;
    log_n[i] = std::log(w[i]) - 0.5 * z * z - log_root_2_pi - log_sd[i];
    top = std::max(top, log_n[i]);
    total += w[i] * parts[i].p;
  }
  double sum = 0;
  for (const double l : log_n) sum += std::exp(l - top);
  const double log_q = top + std::log(sum) - std::log(total);
  for (std::size_t i = 0; i < n && !slope.empty(); ++i) {
    const auto& [s, a, b, p] = parts[i];
    const double share = std::exp(log_n[i] - top) / sum;  // of the component at y
    const double mass = w[i] / total;                     // per unit of its probability
    const double z = (y - mean[i]) / s, at_a = phi(a), at_b = phi(b);
    slope[i] = share - mass * p;
    slope[n + i] = (share * z + mass * (at_b - at_a)) / s;
    slope[2 * n + i] = share * (z * z - 1) + mass * (b * at_b - a * at_a);
  }
  return log_q;
}

double TruncatedMixture::draw(double u, double v) const {
  const auto w = softmax(logit);
  const auto parts = parts_of(*this);
  double total = 0;
  for (std::size_t i = 0; i < w.size(); ++i) total += w[i] * parts[i].p;
  std::size_t i = 0;
  for (double left = u * total; i + 1 < w.size(); ++i) {
    left -= w[i] * parts[i].p;
    if (left < 0) break;
  }
  const auto& [s, a, b, p] = parts[i];
  const double edge = 1e-300;
  const double z = a > 0
                       ? -normal_quantile(std::clamp(upper(a) - v * p, edge, 0.5))
                       : normal_quantile(std::clamp(upper(-a) + v * p, edge, 1 - 1e-16));
  return std::clamp(mean[i] + s * z, lo, hi);
}

TruncatedMixture mixture_of(std::span<const float> outputs, double lo, double hi) {
  const std::size_t n = outputs.size() / 3;
  TruncatedMixture out{lo, hi, {}, {}, {}};
  double spread = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double place =
        n > 1 ? static_cast<double>(i) / static_cast<double>(n - 1) - 0.5 : 0;
    spread += place * place / static_cast<double>(n);
    out.logit.push_back(static_cast<double>(outputs[i]));
    out.mean.push_back(place + static_cast<double>(outputs[n + i]));
  }
  for (std::size_t i = 0; i < n; ++i)
    out.log_sd.push_back(0.5 * std::log(1 - spread) +
                         widest *
                             std::tanh(static_cast<double>(outputs[2 * n + i]) / widest));
  return out;
}

void chain_to_outputs(std::span<const float> outputs, std::span<double> slope) {
  for (std::size_t j = 2 * outputs.size() / 3; j < outputs.size(); ++j) {
    const double t = std::tanh(static_cast<double>(outputs[j]) / widest);
    slope[j] *= 1 - t * t;
  }
}

}  // namespace femto::stats
