// Importance weights, their effective number and the shape of their tail.
#include "femto/stats/importance.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "femto/core/error.h"

namespace femto::stats {
namespace {

/// Shape k that goes best with slope b: the mean of ln(1 - b x).
double shape_at(double b, std::span<const double> x) {
  double sum = 0;
  for (const double v : x) sum += std::log1p(-b * v);
  return sum / static_cast<double>(x.size());
}

double tail_shape(std::span<const double> weights) {
  std::vector<double> sorted(weights.begin(), weights.end());
  std::ranges::sort(sorted);
  const double n = static_cast<double>(sorted.size());
  const auto tail =
      static_cast<std::size_t>(std::ceil(std::min(n / 5, 3 * std::sqrt(n))));
  if (tail < 5 || sorted.size() <= tail) return std::numeric_limits<double>::infinity();
  const double cut = sorted[sorted.size() - tail - 1];
  std::vector<double> excesses;
  for (std::size_t i = sorted.size() - tail; i < sorted.size(); ++i)
    if (sorted[i] > cut) excesses.push_back(sorted[i] - cut);
  // Weights that are all the same have no tail.
  if (excesses.size() < 5 || excesses.back() < 1e-12 * sorted.back()) return 0;
  return pareto_shape(std::move(excesses));
}

}  // namespace

double pareto_shape(std::vector<double> x) {
  expect(x.size() >= 2, "a tail has values");
  std::ranges::sort(x);
  const double n = static_cast<double>(x.size());
  const auto grid = 30 + static_cast<std::size_t>(std::sqrt(n));
  const double quarter = x[static_cast<std::size_t>(std::lround(n / 4)) - 1];
  std::vector<double> b(grid), log_l(grid);
  for (std::size_t j = 0; j < grid; ++j) {
    const double root =
        std::sqrt(static_cast<double>(grid) / (static_cast<double>(j) + 0.5));
    b[j] = 1 / x.back() + (1 - root) / (3 * quarter);
    const double k = shape_at(b[j], x);
    log_l[j] = n * (std::log(-b[j] / k) - k - 1);
    if (!std::isfinite(log_l[j])) log_l[j] = -std::numeric_limits<double>::infinity();
  }
  const double top = *std::ranges::max_element(log_l);
  double sum = 0, mean = 0;
  for (std::size_t j = 0; j < grid; ++j) {
    const double w = std::exp(log_l[j] - top);
    sum += w;
    mean += w * b[j];
  }
  const double k = shape_at(mean / sum, x);
  return (k * n + 5) / (n + 10);
}

ImportanceWeights importance_weights(std::span<const double> log_ratios) {
  expect(!log_ratios.empty(), "weights are of draws");
  ImportanceWeights out;
  const double top = *std::ranges::max_element(log_ratios);
  double sum = 0;
  for (const double r : log_ratios) {
    out.weights.push_back(std::isfinite(top) ? std::exp(r - top)
                                             : std::numeric_limits<double>::quiet_NaN());
    sum += out.weights.back();
  }
  double squares = 0;
  for (double& w : out.weights) {
    w /= sum;
    squares += w * w;
    out.largest = std::max(out.largest, w);
  }
  if (!std::isfinite(top)) {
    out.pareto_k = std::numeric_limits<double>::infinity();
    return out;
  }
  out.ess = 1 / squares;
  out.pareto_k = tail_shape(out.weights);
  return out;
}

std::vector<std::size_t> resampled(std::span<const double> weights,
                                   std::size_t n,
                                   double uniform) {
  std::vector<std::size_t> out;
  double reached = weights[0];
  std::size_t i = 0;
  for (std::size_t k = 0; k < n; ++k) {
    const double at = (static_cast<double>(k) + uniform) / static_cast<double>(n);
    while (at > reached && i + 1 < weights.size()) reached += weights[++i];
    out.push_back(i);
  }
  return out;
}

}  // namespace femto::stats
