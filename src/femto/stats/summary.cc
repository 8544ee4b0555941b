// Summaries of samples.
#include "femto/stats/summary.h"

#include <algorithm>
#include <cmath>

#include "femto/core/error.h"
#include "femto/core/sum.h"
#include "femto/stats/linear.h"

namespace femto::stats {
namespace {

/// Mean of (x - centre)^power.
double central_moment(std::span<const double> x, double centre, int power) {
  CompensatedSum sum;
  for (const double v : x) sum.add(std::pow(v - centre, power));
  return sum.value() / static_cast<double>(x.size());
}

}  // namespace

double mean(std::span<const double> x) {
  expect(!x.empty(), "a mean is of something");
  return pairwise_sum(x) / static_cast<double>(x.size());
}

double variance(std::span<const double> x) {
  if (x.size() < 2) return 0;
  const auto n = static_cast<double>(x.size());
  return central_moment(x, mean(x), 2) * n / (n - 1);
}

double standard_deviation(std::span<const double> x) {
  return std::sqrt(variance(x));
}

double skewness(std::span<const double> x) {
  const double centre = mean(x), second = central_moment(x, centre, 2);
  return second > 0 ? central_moment(x, centre, 3) / std::pow(second, 1.5) : 0;
}

double quantile(std::span<const double> x, double probability) {
  expect(!x.empty(), "a quantile is of something");
  expect(probability >= 0 && probability <= 1, "a probability lies in [0, 1]");
  std::vector<double> sorted(x.begin(), x.end());
  std::ranges::sort(sorted);
  const double place = probability * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  if (below + 1 >= sorted.size()) return sorted.back();
  return std::lerp(sorted[below], sorted[below + 1], place - static_cast<double>(below));
}

std::vector<double> column_means(const std::vector<std::vector<double>>& draws) {
  expect(!draws.empty(), "a mean is of something");
  std::vector<double> out, column(draws.size());
  for (std::size_t j = 0; j < draws.front().size(); ++j) {
    for (std::size_t i = 0; i < draws.size(); ++i) column[i] = draws[i].at(j);
    out.push_back(mean(column));
  }
  return out;
}

Matrix covariance(const std::vector<std::vector<double>>& draws) {
  const std::vector<double> centre = column_means(draws);
  Matrix out(centre.size(), centre.size());
  if (draws.size() < 2) return out;
  std::vector<double> distance(centre.size());
  for (const auto& draw : draws) {
    for (std::size_t j = 0; j < centre.size(); ++j) distance[j] = draw[j] - centre[j];
    add_outer(out, 1 / static_cast<double>(draws.size() - 1), distance);
  }
  return out;
}

Matrix correlation(const Matrix& covariance) {
  Matrix out = identity(covariance.rows);
  for (std::size_t i = 0; i < out.rows; ++i)
    for (std::size_t j = 0; j < out.cols; ++j) {
      const double scale = std::sqrt(covariance(i, i) * covariance(j, j));
      if (i != j && scale > 0) out(i, j) = covariance(i, j) / scale;
    }
  return out;
}

}  // namespace femto::stats
