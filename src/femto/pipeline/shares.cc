// Shares of nodes and cells.
#include "femto/pipeline/shares.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/core/sum.h"
#include "femto/core/threads.h"
#include "femto/core/vector_sums.h"
#include "femto/core/vmath.h"

namespace femto {

Shares shares_of(const Density& density,
                 std::size_t channel,
                 std::span<const double> theta,
                 const Norms& norms) {
  const auto& grid = density.grid(channel);
  const std::size_t nodes = grid.weight.size();
  Shares out{std::vector<double>(nodes), Matrix(theta.size(), nodes)};
  const Pieces pieces{nodes, 1024};
  parallel_for(pieces.count(), [&](std::size_t piece) {
    const std::size_t from = pieces.begin(piece), n = pieces.end(piece) - from;
    std::vector<const double*> features;
    std::vector<double*> slope;
    for (const auto& f : grid.features) features.push_back(f.data() + from);
    for (std::size_t k = 0; k < theta.size(); ++k)
      slope.push_back(out.slope.row(k) + from);
    double* p = &out.p[from];
    density.log_density(channel, theta, norms, n, features.data(), p, slope.data());
    vmath::exp(n, p, p);
    for (std::size_t i = 0; i < n; ++i) p[i] *= grid.weight[from + i];
    for (double* s : slope)
      for (std::size_t i = 0; i < n; ++i) s[i] *= p[i];
  });
  return out;
}

Matrix covariance_of(const Shares& shares, const Matrix& psi) {
  const std::size_t n = shares.p.size(), parameters = psi.rows;
  std::vector<double> mean, weighted(n);
  for (std::size_t k = 0; k < parameters; ++k)
    mean.push_back(weighted_sum_of(n, shares.p.data(), psi.row(k)));
  Matrix out(parameters, parameters);
  for (std::size_t k = 0; k < parameters; ++k) {
    for (std::size_t i = 0; i < n; ++i) weighted[i] = shares.p[i] * (psi(k, i) - mean[k]);
    for (std::size_t l = 0; l <= k; ++l)
      out(k, l) = out(l, k) = weighted_sum_of(n, weighted.data(), psi.row(l));
  }
  return out;
}

void Deposit::add(std::span<const double> amount, std::span<double> cells) const {
  for (std::size_t i = 0; i < amount.size(); ++i)
    for (std::size_t k = i * fan; k < (i + 1) * fan; ++k)
      cells[cell[k]] += amount[i] * share[k];
}

std::vector<double> Deposit::gather(std::span<const double> cells) const {
  std::vector<double> out(cell.size() / fan, 0.0);
  for (std::size_t i = 0; i < out.size(); ++i)
    for (std::size_t k = i * fan; k < (i + 1) * fan; ++k)
      out[i] += share[k] * cells[cell[k]];
  return out;
}

Deposit box_deposit(const std::vector<std::vector<double>>& t, std::size_t points) {
  expect(!t.empty() && points > 1, "a grid needs axes and points");
  const std::size_t n = t[0].size();
  Deposit out{std::size_t{1} << t.size(), {}, {}};
  out.cell.assign(n * out.fan, 0);
  out.share.assign(n * out.fan, 1.0);
  const auto last = static_cast<double>(points - 1);
  for (std::size_t a = 0; a < t.size(); ++a)
    for (std::size_t i = 0; i < n; ++i) {
      const double place = std::clamp(t[a][i], 0.0, 1.0) * last;
      const auto left = std::min(static_cast<std::size_t>(place), points - 2);
      const double right = place - static_cast<double>(left);
      for (std::size_t k = 0; k < out.fan; ++k) {
        const bool upper = (k >> a) & 1;
        auto& cell = out.cell[i * out.fan + k];
        cell = static_cast<std::uint32_t>(cell * points + left + (upper ? 1 : 0));
        out.share[i * out.fan + k] *= upper ? right : 1 - right;
      }
    }
  return out;
}

std::vector<std::vector<double>> unit_positions(
    const Channel& channel,
    const std::vector<std::span<const double>>& x,
    std::uint64_t first) {
  std::vector<std::vector<double>> out(x.size());
  for (std::size_t a = 0; a < x.size(); ++a) {
    const Axis& axis = channel.axes[a];
    out[a].resize(x[a].size());
    for (std::size_t i = 0; i < x[a].size(); ++i) {
      if (!(x[a][i] >= axis.lo && x[a][i] <= axis.hi))
        throw DataError(fmt::format("row {}, column {}: {} lies outside [{}, {}]",
                                    first + i + 1,
                                    axis.column,
                                    x[a][i],
                                    axis.lo,
                                    axis.hi));
      out[a][i] = (x[a][i] - axis.lo) / (axis.hi - axis.lo);
    }
  }
  return out;
}

WeightSums for_each_channel(
    const Theory& theory,
    const Dataset& data,
    const Weighting& weighting,
    const std::function<void(std::size_t channel,
                             std::uint64_t first,
                             const std::vector<std::span<const double>>& x,
                             std::span<const double> weights)>& visit) {
  WeightSums sums;
  std::vector<double> weights;
  data.for_each_chunk([&](std::uint64_t first, const io::EventTable& chunk) {
    weights.resize(chunk.rows());
    weighting.fill(first, chunk.weights(), weights);
    sums.sum += pairwise_sum(weights);
    sums.squares += weighted_sum_of(weights.size(), weights.data(), weights.data());
    std::size_t column = 0;
    for (std::size_t c = 0; c < theory.channels().size(); ++c) {
      std::vector<std::span<const double>> x;
      for (std::size_t a = 0; a < theory.channels()[c].axes.size(); ++a)
        x.push_back(chunk.column(column++));
      visit(c, first, x, weights);
    }
  });
  if (!(sums.sum > 0))
    throw DataError(fmt::format("the weights of the events add up to {:.6g}; no "
                                "distribution has such a total",
                                sums.sum),
                    "check the column of weights");
  return sums;
}

}  // namespace femto
