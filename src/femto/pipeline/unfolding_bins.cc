// Sums over bins of weighted events.
#include "femto/pipeline/unfolding_bins.h"

#include <algorithm>
#include <cmath>

#include "femto/core/error.h"
#include "femto/core/sum.h"

namespace femto {
namespace {

/// Sums of weights and of their squares in the joint bins of all columns.
struct Joint {
  std::vector<double> sum, squares;

  Joint(const std::vector<Edges>& grid,
        const EventColumns& columns,
        std::span<const double> weights) {
    std::size_t cells = 1;
    for (const auto& edges : grid) cells *= edges.size() - 1;
    sum.assign(cells, 0.0);
    squares.assign(cells, 0.0);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      std::size_t cell = 0;
      for (std::size_t c = 0; c < grid.size(); ++c)
        cell = cell * (grid[c].size() - 1) + bin_of(grid[c], columns[c][i]);
      sum[cell] += weights[i];
      squares[cell] += weights[i] * weights[i];
    }
  }
};

}  // namespace

EventColumns views(const std::vector<std::vector<double>>& columns) {
  return {columns.begin(), columns.end()};
}

std::size_t bin_of(const Edges& edges, double x) {
  const auto inner = std::upper_bound(edges.begin() + 1, edges.end() - 1, x);
  return static_cast<std::size_t>(inner - edges.begin()) - 1;
}

Edges edges_of(std::span<const double> values, std::size_t bins, double tail) {
  expect(!values.empty() && bins > 0, "bins need values");
  std::vector<double> sorted(values.begin(), values.end());
  const auto quantile = [&](double p) {
    const auto k = static_cast<std::size_t>(p * static_cast<double>(sorted.size() - 1));
    std::nth_element(
        sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(k), sorted.end());
    return sorted[k];
  };
  const double lo = quantile(tail);
  double hi = quantile(1 - tail);
  if (!(hi > lo)) hi = lo + 1;
  Edges out;
  for (std::size_t b = 0; b <= bins; ++b)
    out.push_back(lo + (hi - lo) * static_cast<double>(b) / static_cast<double>(bins));
  return out;
}

std::vector<double> histogram(const Edges& edges,
                              std::span<const double> values,
                              std::span<const double> weights) {
  std::vector<double> out(edges.size() - 1, 0.0);
  for (std::size_t i = 0; i < values.size(); ++i)
    out[bin_of(edges, values[i])] += weights[i];
  return out;
}

Moments moments(std::span<const double> values, std::span<const double> weights) {
  std::vector<double> terms(values.size());
  const double sum = pairwise_sum(weights);
  for (std::size_t i = 0; i < terms.size(); ++i) terms[i] = weights[i] * values[i];
  const double mean = pairwise_sum(terms) / sum;
  for (std::size_t i = 0; i < terms.size(); ++i)
    terms[i] = weights[i] * (values[i] - mean) * (values[i] - mean);
  return {mean, std::sqrt(std::max(0.0, pairwise_sum(terms) / sum))};
}

double change_between(const std::vector<std::vector<double>>& before,
                      const std::vector<std::vector<double>>& after) {
  double sum = 0, bins = 0;
  for (std::size_t c = 0; c < before.size(); ++c)
    for (std::size_t b = 0; b < before[c].size(); ++b) {
      const double size = std::max(std::fabs(before[c][b]), 1.0);
      const double step = after[c][b] - before[c][b];
      sum += step * step / size;
      bins += 1;
    }
  return bins > 0 ? std::sqrt(sum / bins) : 0;
}

std::vector<Edges> coarse_grid(const std::vector<Edges>& fine) {
  const double columns = static_cast<double>(std::max<std::size_t>(fine.size(), 1));
  const auto most =
      static_cast<std::size_t>(std::max(2.0, std::floor(std::pow(400.5, 1 / columns))));
  std::vector<Edges> out;
  for (const auto& edges : fine) {
    const std::size_t bins = std::min(edges.size() - 1, most);
    auto& mine = out.emplace_back();
    for (std::size_t b = 0; b <= bins; ++b)
      mine.push_back(edges.front() + (edges.back() - edges.front()) *
                                         static_cast<double>(b) /
                                         static_cast<double>(bins));
  }
  return out;
}

Comparison compare(const std::vector<Edges>& grid,
                   const EventColumns& data,
                   std::span<const double> data_weights,
                   const EventColumns& simulation,
                   std::span<const double> weights) {
  const Joint a(grid, data, data_weights), b(grid, simulation, weights);
  Comparison out;
  for (std::size_t k = 0; k < a.sum.size(); ++k) {
    const double variance = a.squares[k] + b.squares[k];
    if (std::max(a.sum[k], b.sum[k]) < 10 || !(variance > 0)) continue;
    out.chi2 += (a.sum[k] - b.sum[k]) * (a.sum[k] - b.sum[k]) / variance;
    out.ndf += 1;
  }
  out.ndf = std::max(0.0, out.ndf - 1);
  return out;
}

}  // namespace femto
