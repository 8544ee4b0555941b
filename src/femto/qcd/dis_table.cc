#include "femto/qcd/dis_table.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "femto/core/error.h"
#include "femto/core/threads.h"

namespace femto::qcd {
namespace {

constexpr std::size_t points = 6;  // of a polynomial of degree 5
constexpr std::size_t max_columns = 2 * (1 + DisTable::max_slopes);

/// Scales between which the cross-section is smooth: the window's ends, and where a
/// flavour joins on the way from the start.
std::vector<double> edges_of(const EvolutionSettings& e, const DisWindow& w) {
  std::vector<double> edges = {w.q2_min};
  for (int h = 4; h <= 6; ++h) {
    const double at = e.coupling.flavours.threshold(h);
    if (at > w.q2_min && at < w.q2_max && at > e.start_mu2_gev2) edges.push_back(at);
  }
  edges.push_back(w.q2_max);
  return edges;
}

/// Nodes equally spaced in ln Q2, at most 0.22 apart.
std::vector<double> scales_between(double lo, double hi) {
  const double range = std::log(hi / lo);
  const auto steps = std::max(points - 1, static_cast<std::size_t>(range / 0.22) + 1);
  std::vector<double> q2;
  for (std::size_t k = 0; k <= steps; ++k)
    q2.push_back(lo *
                 std::exp(range * static_cast<double>(k) / static_cast<double>(steps)));
  q2.back() = hi;
  return q2;
}

/// All nodes; the last one below a threshold is a rounding error below it, where the
/// flavour is not there yet.
std::vector<double> scales_of(const std::vector<double>& edges) {
  std::vector<double> q2;
  for (std::size_t i = 1; i < edges.size(); ++i) {
    for (const double one : scales_between(edges[i - 1], edges[i])) q2.push_back(one);
    if (i + 1 < edges.size()) q2.back() *= 1 - 1e-13;
  }
  return q2;
}

EvolutionSettings placed(EvolutionSettings e, const DisWindow& w) {
  if (!(w.x_min > 0 && w.x_min < w.x_max && w.x_max < 1 && w.q2_min > 0 &&
        w.q2_min < w.q2_max))
    fail("a window x in [{}, {}], Q2 in [{}, {}] (needs 0 < x < 1, Q2 > 0, and a width)",
         w.x_min,
         w.x_max,
         w.q2_min,
         w.q2_max);
  e.grid.x_min = 0.5 * w.x_min;
  e.mu2_gev2 = scales_of(edges_of(e, w));
  return e;
}

/// Weights of six equally spaced nodes at t, counted from the first of them.
std::array<double, points> weights(double t) {
  constexpr double inverse[points] = {
      -1.0 / 120, 1.0 / 24, -1.0 / 12, 1.0 / 12, -1.0 / 24, 1.0 / 120};
  std::array<double, points> w = {};
  double before = 1;
  for (std::size_t k = 0; k < points; ++k) {
    w[k] = before * inverse[k];
    before *= t - static_cast<double>(k);
  }
  double after = 1;
  for (std::size_t k = points; k-- > 0;) {
    w[k] *= after;
    after *= t - static_cast<double>(k);
  }
  return w;
}

/// First of the six nodes around a position, among `nodes` from `first` on.
std::size_t first_node(double position, std::size_t first, std::size_t nodes) {
  const double below = std::floor(position) - 2, lowest = static_cast<double>(first);
  return static_cast<std::size_t>(
      std::clamp(below, lowest, lowest + static_cast<double>(nodes - points)));
}

/// sum_j y[j] sum_i x[i] row_j[i, column]; rows are `stride` apart.
[[gnu::target_clones("arch=x86-64-v3", "default")]] void mix(
    const double* from,
    std::size_t stride,
    std::size_t columns,
    const std::array<double, points>& x,
    const std::array<double, points>& y,
    double* out) {
  double sum[points * max_columns];
  const std::size_t width = points * columns;
  for (std::size_t k = 0; k < width; ++k) sum[k] = y[0] * from[k];
  for (std::size_t j = 1; j < points; ++j)
    for (std::size_t k = 0; k < width; ++k) sum[k] += y[j] * from[j * stride + k];
  for (std::size_t c = 0; c < columns; ++c) out[c] = x[0] * sum[c];
  for (std::size_t i = 1; i < points; ++i)
    for (std::size_t c = 0; c < columns; ++c) out[c] += x[i] * sum[i * columns + c];
}

}  // namespace

DisTable::DisTable(const DisWindow& window,
                   EvolutionSettings evolution,
                   const MakeModel& make_model,
                   std::span<const Target> targets,
                   const std::filesystem::path& cache)
    : evolution_(placed(std::move(evolution), window), cache),
      model_(make_model(evolution_.grid())),
      window_(window),
      q2_(evolution_.settings().mu2_gev2),
      has_fl_(evolution_.settings().order == Order::nlo) {
  const auto edges = edges_of(evolution_.settings(), window);
  for (std::size_t i = 1; i < edges.size(); ++i) {
    const std::size_t first =
        pieces_.empty() ? 0 : pieces_.back().first + pieces_.back().count;
    pieces_.push_back(
        {first, scales_between(edges[i - 1], edges[i]).size(), edges[i - 1], edges[i]});
  }
  const auto& grid = evolution_.grid();
  const auto node = [&](double x) {
    return static_cast<std::size_t>(std::floor(grid.position(x)));
  };
  const std::size_t low = node(window_.x_min);
  first_ = low < 2 ? 0 : low - 2;
  const std::size_t last =
      std::min(std::max(node(window_.x_max) + 3, first_ + points - 1), grid.size() - 1);
  for (std::size_t j = first_; j <= last; ++j) x_.push_back(grid.x()[j]);
  for (const auto target : targets) targets_.emplace_back(evolution_, x_, target);
}

double DisTable::x_position(double x) const {
  return evolution_.grid().position(x) - static_cast<double>(first_);
}

double DisTable::q2_position(double q2) const {
  std::size_t i = 0;
  while (i + 1 < pieces_.size() && q2 >= pieces_[i].hi) ++i;
  const auto& p = pieces_[i];
  return static_cast<double>(p.first) +
         std::log(q2 / p.lo) / std::log(p.hi / p.lo) * static_cast<double>(p.count - 1);
}

std::vector<double> DisTable::thresholds() const {
  std::vector<double> out;
  for (std::size_t i = 1; i < pieces_.size(); ++i) out.push_back(pieces_[i].lo);
  return out;
}

DisTable::Values DisTable::at(std::span<const double> parameters,
                              std::span<const std::size_t> slopes) const {
  if (slopes.size() > max_slopes)
    fail("{} derivatives of a cross-section (at most {})", slopes.size(), max_slopes);
  const std::size_t size = flavour_rows * evolution_.grid().size();
  Values out;
  out.columns = 1 + slopes.size();
  std::vector<double> start(out.columns * size);
  std::vector<double> jacobian(model_->parameters().size() * size);
  model_->densities(parameters, std::span(start).first(size));
  model_->jacobian(parameters, jacobian);
  for (std::size_t k = 0; k < slopes.size(); ++k)
    std::copy_n(jacobian.data() + slopes[k] * size, size, start.data() + (k + 1) * size);
  const std::size_t nodes = q2_.size() * x_.size();
  std::vector<double> f2(out.columns * nodes), fl(f2.size());
  out.numbers.reserve(targets_.size() * (has_fl_ ? 2 : 1) * f2.size());
  for (const auto& target : targets_) {
    target.apply(start, f2, fl);
    for (std::size_t i = 0; i < nodes; ++i) {
      for (std::size_t c = 0; c < out.columns; ++c)
        out.numbers.push_back(f2[c * nodes + i]);
      for (std::size_t c = 0; has_fl_ && c < out.columns; ++c)
        out.numbers.push_back(fl[c * nodes + i]);
    }
  }
  return out;
}

void DisTable::evaluate(const Values& values,
                        std::size_t target,
                        std::size_t n,
                        const double* x_position,
                        const double* q2_position,
                        const double* fl_factor,
                        double* sigma_r,
                        double* const* slope) const {
  const std::size_t models = values.columns, columns = (has_fl_ ? 2 : 1) * models;
  const std::size_t stride = x_.size() * columns;
  const double* table = values.numbers.data() + target * q2_.size() * stride;
  double out[max_columns];
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t at_x = first_node(x_position[i], 0, x_.size());
    std::size_t k = pieces_.size() - 1;
    while (k > 0 && q2_position[i] < static_cast<double>(pieces_[k].first)) --k;
    const std::size_t at_q2 =
        first_node(q2_position[i], pieces_[k].first, pieces_[k].count);
    mix(table + at_q2 * stride + at_x * columns,
        stride,
        columns,
        weights(x_position[i] - static_cast<double>(at_x)),
        weights(q2_position[i] - static_cast<double>(at_q2)),
        out);
    for (std::size_t c = 0; has_fl_ && c < models; ++c)
      out[c] -= fl_factor[i] * out[models + c];
    sigma_r[i] = out[0];
    for (std::size_t c = 1; slope && c < models; ++c) slope[c - 1][i] = out[c];
  }
}

}  // namespace femto::qcd
