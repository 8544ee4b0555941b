// Bin contents by quadrature, and the multinomial likelihood of their counts.
#include "femto/pipeline/binned.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/core/vector_sums.h"
#include "femto/core/vmath.h"
#include "femto/physics/quadrature.h"
#include "femto/pipeline/counts.h"
#include "femto/pipeline/kept_part.h"
#include "femto/pipeline/partial_sums.h"
#include "femto/stats/linear.h"

namespace femto {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// t in [0, 1] with graded(axis, t).x = x, by bisection to the last bit.
double ungraded(const Axis& axis, double x) {
  double lo = 0, hi = 1;
  for (int k = 0; k < 60; ++k) {
    const double mid = 0.5 * (lo + hi);
    (graded(axis, mid).x < x ? lo : hi) = mid;
  }
  return 0.5 * (lo + hi);
}

/// Nodes of every bin of one axis: x and weight [bin][node].
struct AxisNodes {
  std::vector<double> x, weight;
};

AxisNodes axis_nodes(const Axis& axis, std::size_t bins, std::size_t nodes) {
  AxisNodes out;
  const auto rule = gauss_legendre(nodes);
  double from = 0;
  for (std::size_t b = 0; b < bins; ++b) {
    const double edge = std::lerp(
        axis.lo, axis.hi, static_cast<double>(b + 1) / static_cast<double>(bins));
    const double to = b + 1 == bins ? 1 : ungraded(axis, edge);
    for (std::size_t k = 0; k < nodes; ++k) {
      const auto point = graded(axis, from + (to - from) * 0.5 * (1 + rule.x[k]));
      out.x.push_back(point.x);
      out.weight.push_back(point.slope * rule.weight[k] * 0.5 * (to - from));
    }
    from = to;
  }
  return out;
}

/// Digits of `index` in base `base`, most significant first.
std::vector<std::size_t> digits(std::size_t index, std::size_t base, std::size_t count) {
  std::vector<std::size_t> out(count);
  for (std::size_t k = count; k-- > 0; index /= base) out[k] = index % base;
  return out;
}

std::size_t power(std::size_t base, std::size_t exponent) {
  std::size_t out = 1;
  for (std::size_t k = 0; k < exponent; ++k) out *= base;
  return out;
}

/// Only what a cut of two columns leaves of each bin.
void keep_part(const Region& keeps,
               const Axis& second,
               std::size_t nodes,
               std::vector<std::vector<double>>& x,
               BinGrid& grid) {
  std::vector<double> lo, hi;
  const auto edge = [&](std::size_t bin) {
    return std::lerp(second.lo,
                     second.hi,
                     static_cast<double>(bin) / static_cast<double>(grid.per_axis));
  };
  for (std::size_t l = 0; l < grid.weight.size() / nodes; ++l) {
    const std::size_t bin = l * nodes / grid.nodes_per_bin % grid.per_axis;
    lo.push_back(edge(bin));
    hi.push_back(edge(bin + 1));
  }
  squeeze(keeps, {nodes, lo, hi, x[0], x[1], grid.weight});
}

BinGrid make_grid(const Theory& theory,
                  std::size_t channel,
                  std::size_t per_axis,
                  std::size_t nodes) {
  const auto& axes = theory.channels()[channel].axes;
  BinGrid grid;
  grid.per_axis = per_axis;
  grid.bins = power(per_axis, axes.size());
  grid.nodes_per_bin = power(nodes, axes.size());
  if (std::pow(static_cast<double>(per_axis * nodes), static_cast<double>(axes.size())) >
      5e7)
    fail("{} bins on each of {} axes are too many; set objective.bins",
         per_axis,
         axes.size());
  const std::size_t all = grid.bins * grid.nodes_per_bin;
  std::vector<AxisNodes> sides;
  for (const auto& axis : axes) sides.push_back(axis_nodes(axis, per_axis, nodes));
  std::vector<std::vector<double>> x(axes.size(), std::vector<double>(all));
  grid.weight.assign(all, 1);
  for (std::size_t i = 0; i < all; ++i) {
    const auto bin = digits(i / grid.nodes_per_bin, per_axis, axes.size());
    const auto node = digits(i % grid.nodes_per_bin, nodes, axes.size());
    for (std::size_t a = 0; a < axes.size(); ++a) {
      const std::size_t at = bin[a] * nodes + node[a];
      x[a][i] = sides[a].x[at];
      grid.weight[i] *= sides[a].weight[at];
    }
  }
  if (const auto& keeps = theory.channels()[channel].keeps)
    keep_part(keeps, axes[1], nodes, x, grid);
  std::vector<const double*> in;
  std::vector<double*> out;
  for (const auto& column : x) in.push_back(column.data());
  grid.features.assign(theory.feature_count(channel), std::vector<double>(all));
  for (auto& feature : grid.features) out.push_back(feature.data());
  theory.features(channel, all, in.data(), out.data());
  return grid;
}

/// What one piece of bins adds: sum n ln p, sum p, then per parameter sum n S/p and
/// sum S, then the lower triangle of sum S S^T / p. S is the slope of p.
struct Layout {
  std::size_t parameters;

  std::size_t score(std::size_t k) const { return 2 + k; }

  std::size_t slope(std::size_t k) const { return 2 + parameters + k; }

  std::size_t product(std::size_t k, std::size_t l) const {
    return 2 + 2 * parameters + k * (k + 1) / 2 + l;
  }

  std::size_t width() const { return product(parameters, 0); }
};

/// The usual numbers of nodes per bin, known to the compiler: a third of the time.
template <std::size_t nodes>
void sum_nodes(const double* density,
               const double* slope,
               std::size_t bins,
               double* out) {
  for (std::size_t b = 0; b < bins; ++b) {
    double sum = 0;
    for (std::size_t i = b * nodes; i < (b + 1) * nodes; ++i)
      sum += slope ? density[i] * slope[i] : density[i];
    out[b] = sum;
  }
}

/// The sums of Layout over runs of bins: per bin first, then over the run, so that both
/// loops vectorise. Its arrays hold one run and stay in the first-level cache.
class BinSums {
 public:
  BinSums(const BinGrid& grid, std::size_t parameters)
      : grid_(grid),
        layout_{parameters},
        run_(std::max<std::size_t>(1, 256 / grid.nodes_per_bin)),
        sums_(layout_.width()),
        density_(run_ * grid.nodes_per_bin),
        slopes_(parameters, std::vector<double>(density_.size())),
        p_(run_),
        log_p_(run_),
        ratio_(run_),
        bin_(parameters, std::vector<double>(run_)) {}

  void add(const Theory& theory,
           std::size_t channel,
           std::span<const double> theta,
           std::span<const double> counts,
           std::size_t from,
           std::size_t to) {
    std::vector<const double*> features(grid_.features.size());
    std::vector<double*> slope;
    for (auto& s : slopes_) slope.push_back(s.data());
    for (std::size_t at = from; at < to; at += run_) {
      const std::size_t bins = std::min(run_, to - at);
      const std::size_t start = at * grid_.nodes_per_bin;
      const std::size_t nodes = bins * grid_.nodes_per_bin;
      for (std::size_t f = 0; f < features.size(); ++f)
        features[f] = grid_.features[f].data() + start;
      theory.evaluate(
          channel, theta, nodes, features.data(), density_.data(), slope.data());
      vmath::exp(nodes, density_.data(), density_.data());
      for (std::size_t i = 0; i < nodes; ++i) density_[i] *= grid_.weight[start + i];
      add_run(counts.subspan(at, bins));
    }
  }

  const std::vector<double>& values() const { return sums_; }

 private:
  void add_run(std::span<const double> counts) {
    const std::size_t bins = counts.size();
    integrate(nullptr, bins, p_);
    vmath::log(bins, p_.data(), log_p_.data());
    for (std::size_t b = 0; b < bins; ++b)
      if (counts[b] == 0) log_p_[b] = 0;  // an empty bin says nothing of ln p
    sums_[0] += weighted_sum_of(bins, counts.data(), log_p_.data());
    sums_[1] += sum_of(bins, p_.data());
    for (std::size_t k = 0; k < bin_.size(); ++k) {
      integrate(slopes_[k].data(), bins, bin_[k]);
      for (std::size_t b = 0; b < bins; ++b)
        ratio_[b] = p_[b] > 0 ? bin_[k][b] / p_[b] : 0;
      sums_[layout_.slope(k)] += sum_of(bins, bin_[k].data());
      sums_[layout_.score(k)] += weighted_sum_of(bins, counts.data(), ratio_.data());
      for (std::size_t l = 0; l <= k; ++l)
        sums_[layout_.product(k, l)] +=
            weighted_sum_of(bins, ratio_.data(), bin_[l].data());
    }
  }

  /// out[bin] = sum over its nodes of the density, times the slope unless null.
  void integrate(const double* slope, std::size_t bins, std::vector<double>& out) const {
    const std::size_t nodes = grid_.nodes_per_bin;
    if (nodes == 4) return sum_nodes<4>(density_.data(), slope, bins, out.data());
    if (nodes == 16) return sum_nodes<16>(density_.data(), slope, bins, out.data());
    for (std::size_t b = 0; b < bins; ++b)
      out[b] = slope ? weighted_sum_of(nodes, &density_[b * nodes], slope + b * nodes)
                     : sum_of(nodes, &density_[b * nodes]);
  }

  const BinGrid& grid_;
  Layout layout_;
  std::size_t run_;  // bins
  std::vector<double> sums_, density_;
  std::vector<std::vector<double>> slopes_;  // [parameter][node]
  std::vector<double> p_, log_p_, ratio_;    // [bin]
  std::vector<std::vector<double>> bin_;     // [parameter][bin]
};

/// Nodes per bin and axis that make the quadrature error negligible beside the width of
/// the bins.
std::size_t default_nodes(std::size_t axes, std::size_t bins) {
  const std::size_t wanted = (axes == 1 ? 2000 : 400) / bins;
  return std::clamp<std::size_t>(wanted, 4, 8);
}

}  // namespace

std::size_t default_bins(std::size_t axes) {
  return axes <= 1 ? 1000 : (axes == 2 ? 100 : 20);
}

BinnedLikelihood::BinnedLikelihood(const Theory& theory,
                                   const Dataset& data,
                                   const Weighting& weighting,
                                   std::size_t bins_per_axis,
                                   std::size_t nodes)
    : theory_(theory) {
  const auto& channels = theory.channels();
  std::vector<EqualBins> sets;
  std::size_t column = 0;
  for (std::size_t c = 0; c < channels.size(); ++c) {
    const std::size_t axes = channels[c].axes.size();
    const std::size_t bins = bins_per_axis ? bins_per_axis : default_bins(axes);
    grids_.push_back(
        make_grid(theory, c, bins, nodes ? nodes : default_nodes(axes, bins)));
    sets.emplace_back(channels[c].axes, column, bins);
    column += axes;
  }
  auto found = counted(data, sets, weighting);
  counts_ = std::move(found.bins);
  events_ = found.events;
  squares_ = found.squares;
}

void BinnedLikelihood::add_channel(std::size_t channel,
                                   std::span<const double> theta,
                                   stats::Evaluation& out) const {
  const BinGrid& grid = grids_[channel];
  const Layout layout{theta.size()};
  const Pieces pieces{grid.bins, std::max<std::size_t>(1, 1024 / grid.nodes_per_bin)};
  PartialSums partial(pieces.count(), layout.width());
  parallel_for(pieces.count(), [&](std::size_t i) {
    BinSums sums(grid, theta.size());
    sums.add(theory_, channel, theta, counts_[channel], pieces.begin(i), pieces.end(i));
    for (std::size_t k = 0; k < layout.width(); ++k) partial.at(i, k) = sums.values()[k];
  });
  const std::vector<double> sum = partial.total();
  const double n = pairwise_sum(counts_[channel]), norm = sum[1];
  if (!std::isfinite(sum[0]) || !std::isfinite(norm) || !(norm > 0)) {
    out.value = infinity;
    return;
  }
  out.value -= sum[0] - n * std::log(norm);
  for (std::size_t k = 0; k < theta.size(); ++k) {
    const double mean = sum[layout.slope(k)] / norm;
    out.gradient[k] -= sum[layout.score(k)] - n * mean;
    for (std::size_t l = 0; l <= k; ++l) {
      const double information =
          sum[layout.product(k, l)] / norm - mean * (sum[layout.slope(l)] / norm);
      out.curvature(k, l) += n * information;
      if (l != k) out.curvature(l, k) = out.curvature(k, l);
    }
  }
}

stats::Evaluation BinnedLikelihood::evaluate(std::span<const double> theta) const {
  stats::Evaluation out;
  out.gradient.assign(theta.size(), 0);
  out.curvature = Matrix(theta.size(), theta.size());
  for (std::size_t c = 0; c < grids_.size(); ++c) add_channel(c, theta, out);
  return out;
}

std::optional<Matrix> BinnedLikelihood::gradient_variance(
    std::span<const double> theta) const {
  if (squares_ == events_) return {};
  Matrix out(theta.size(), theta.size());
  stats::add(out, squares_ / events_, evaluate(theta).curvature);
  return out;
}

std::string BinnedLikelihood::explain(std::span<const double> theta) const {
  for (std::size_t c = 0; c < grids_.size(); ++c) {
    stats::Evaluation out;
    out.gradient.assign(theta.size(), 0);
    out.curvature = Matrix(theta.size(), theta.size());
    add_channel(c, theta, out);
    if (!std::isfinite(out.value))
      return fmt::format(
          "the density of channel '{}' is zero or not finite over a bin that holds events",
          theory_.channels()[c].name);
  }
  return {};
}

}  // namespace femto
