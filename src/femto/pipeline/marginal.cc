// Bin shares by Gauss-Legendre points inside the bins.
#include "femto/pipeline/marginal.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "femto/pipeline/kept_part.h"

namespace femto {

namespace {

constexpr std::size_t points = 4;
/// Abscissas and weights on [0, 1]. Source: Abramowitz:1964 table 25.4.
constexpr std::array<double, points> abscissa{
    0.06943184420297371, 0.33000947820757187, 0.66999052179242813, 0.93056815579702629};
constexpr std::array<double, points> share{
    0.17392742256872693, 0.32607257743127307, 0.32607257743127307, 0.17392742256872693};
constexpr std::size_t block = 4096;

/// Nodes of one axis: `points` per bin.
struct AxisNodes {
  std::vector<double> x, weight;
};

AxisNodes nodes_of(const std::vector<double>& edges) {
  AxisNodes out;
  for (std::size_t b = 0; b + 1 < edges.size(); ++b) {
    const double width = edges[b + 1] - edges[b];
    for (std::size_t k = 0; k < points; ++k) {
      out.x.push_back(edges[b] + width * abscissa[k]);
      out.weight.push_back(width * share[k]);
    }
  }
  return out;
}

/// sigma at points x[axis][n].
std::vector<double> values_at(const Theory& theory,
                              std::size_t channel,
                              std::span<const double> theta,
                              const std::vector<std::vector<double>>& x) {
  const std::size_t n = x.front().size();
  std::vector<std::vector<double>> features(theory.feature_count(channel),
                                            std::vector<double>(n));
  std::vector<const double*> in;
  std::vector<double*> out;
  for (const auto& column : x) in.push_back(column.data());
  for (auto& f : features) out.push_back(f.data());
  theory.features(channel, n, in.data(), out.data());
  std::vector<double> value(n);
  const std::vector<const double*> ready(out.begin(), out.end());
  theory.evaluate(channel, theta, n, ready.data(), value.data(), nullptr);
  for (double& v : value) v = std::exp(v);
  return value;
}

/// Only what a cut of two columns leaves of the bins, from node `begin` on.
void keep_part(const Region& keeps,
               std::size_t begin,
               const std::vector<double>& edges,
               std::vector<std::vector<double>>& x,
               std::vector<double>& weight) {
  static_assert(block % points == 0);
  std::vector<double> lo, hi;
  for (std::size_t i = 0; i < weight.size(); i += points) {
    const std::size_t bin = (begin + i) / points % (edges.size() - 1);
    lo.push_back(edges[bin]);
    hi.push_back(edges[bin + 1]);
  }
  squeeze(keeps, {points, lo, hi, x[0], x[1], weight});
}

/// f_c at points of its only axis.
std::vector<double> densities_at(const Density& density,
                                 std::size_t channel,
                                 std::span<const double> theta,
                                 const std::vector<double>& x) {
  auto value = values_at(density.theory(), channel, theta, {x});
  const double norm = std::exp(density.norms(theta).log_norm[channel]);
  for (double& v : value) v /= norm;
  return value;
}

/// Slopes of a cumulative function at the edges by parabolas through the neighbours.
std::vector<double> mean_slopes(const std::vector<double>& edges,
                                const std::vector<double>& shares) {
  const std::size_t n = shares.size();
  std::vector<double> rate(n), slope(n + 1);
  for (std::size_t i = 0; i < n; ++i) rate[i] = shares[i] / (edges[i + 1] - edges[i]);
  for (std::size_t i = 1; i < n; ++i) {
    const double left = edges[i] - edges[i - 1], right = edges[i + 1] - edges[i];
    slope[i] = (rate[i - 1] * right + rate[i] * left) / (left + right);
  }
  slope[0] = std::max(0.0, 2 * rate[0] - slope[1]);
  slope[n] = std::max(0.0, 2 * rate[n - 1] - slope[n - 1]);
  return slope;
}

}  // namespace

std::vector<double> bin_shares(const Density& density,
                               std::size_t channel,
                               std::span<const double> theta,
                               const std::vector<std::vector<double>>& edges) {
  std::vector<AxisNodes> nodes;
  std::size_t total = 1, bins = 1;
  for (const auto& e : edges) {
    nodes.push_back(nodes_of(e));
    total *= nodes.back().x.size();
    bins *= e.size() - 1;
  }
  std::vector<double> shares(bins, 0.0);
  const auto& keeps = density.theory().channels()[channel].keeps;
  for (std::size_t begin = 0; begin < total; begin += block) {
    const std::size_t n = std::min(block, total - begin);
    std::vector<std::vector<double>> x(edges.size(), std::vector<double>(n));
    std::vector<double> weight(n, 1.0);
    std::vector<std::size_t> bin(n, 0);
    for (std::size_t i = 0; i < n; ++i) {
      std::size_t rest = begin + i, stride = 1;
      for (std::size_t a = edges.size(); a-- > 0;) {
        const std::size_t at = rest % nodes[a].x.size();
        rest /= nodes[a].x.size();
        x[a][i] = nodes[a].x[at];
        weight[i] *= nodes[a].weight[at];
        bin[i] += at / points * stride;
        stride *= edges[a].size() - 1;
      }
    }
    if (keeps) keep_part(keeps, begin, edges[1], x, weight);
    const auto value = values_at(density.theory(), channel, theta, x);
    for (std::size_t i = 0; i < n; ++i) shares[bin[i]] += weight[i] * value[i];
  }
  double sum = 0;
  for (const double s : shares) sum += s;
  for (double& s : shares) s /= sum;
  return shares;
}

std::vector<double> marginal_shares(const Density& density,
                                    std::size_t channel,
                                    std::span<const double> theta,
                                    std::size_t axis,
                                    const std::vector<double>& edges) {
  const auto& axes = density.theory().channels()[channel].axes;
  const std::size_t others = axes.size() == 2 ? 50 : 10;
  std::vector<std::vector<double>> all;
  std::size_t inner = 1;  // bins of the axes after `axis`
  for (std::size_t a = 0; a < axes.size(); ++a) {
    all.push_back(a == axis ? edges : graded_edges(axes[a], others));
    if (a > axis) inner *= others;
  }
  const auto shares = bin_shares(density, channel, theta, all);
  const std::size_t bins = edges.size() - 1;
  std::vector<double> out(bins, 0.0);
  for (std::size_t i = 0; i < shares.size(); ++i) out[i / inner % bins] += shares[i];
  return out;
}

std::vector<double> equal_edges(const Axis& axis, std::size_t n) {
  std::vector<double> out(n + 1);
  for (std::size_t i = 0; i <= n; ++i)
    out[i] =
        axis.lo + (axis.hi - axis.lo) * static_cast<double>(i) / static_cast<double>(n);
  out.back() = axis.hi;
  return out;
}

std::vector<double> graded_edges(const Axis& axis, std::size_t n) {
  std::vector<double> out(n + 1);
  for (std::size_t i = 0; i <= n; ++i)
    out[i] = graded(axis, static_cast<double>(i) / static_cast<double>(n)).x;
  out.front() = axis.lo;
  out.back() = axis.hi;
  return out;
}

Cumulative::Cumulative(const Density& density,
                       std::size_t channel,
                       std::span<const double> theta,
                       std::size_t axis) {
  const auto& axes = density.theory().channels()[channel].axes;
  edges_ = graded_edges(axes[axis], axes.size() == 1 ? 2000 : 500);
  const auto shares = marginal_shares(density, channel, theta, axis, edges_);
  below_.assign(1, 0.0);
  for (const double s : shares) below_.push_back(below_.back() + s);
  slope_ = axes.size() == 1 ? densities_at(density, channel, theta, edges_)
                            : mean_slopes(edges_, shares);
}

double Cumulative::operator()(double x) const {
  if (x <= edges_.front()) return 0;
  if (x >= edges_.back()) return 1;
  const auto above = std::ranges::upper_bound(edges_, x) - edges_.begin();
  const auto i = static_cast<std::size_t>(above) - 1;
  const double width = edges_[i + 1] - edges_[i], t = (x - edges_[i]) / width;
  const double h00 = (1 + 2 * t) * (1 - t) * (1 - t), h01 = t * t * (3 - 2 * t);
  const double h10 = t * (1 - t) * (1 - t), h11 = t * t * (t - 1);
  return h00 * below_[i] + h01 * below_[i + 1] +
         width * (h10 * slope_[i] + h11 * slope_[i + 1]);
}

}  // namespace femto
