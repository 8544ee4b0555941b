// Lines, what falls on their cells, and the criterion made of them.
#include "femto/pipeline/line_distance.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/core/vector_sums.h"
#include "femto/pipeline/shares.h"
#include "femto/stats/linear.h"

namespace femto {
namespace {

constexpr std::size_t direction_cells = 500;

/// A line through the unit box of a channel.
struct Line {
  std::vector<double> direction;  // [axis] of unit length; empty: the only axis
  std::vector<double> edge;       // [cell + 1]
  Deposit nodes;                  // of the density's grid; without entries: node = cell
  std::vector<double> data;       // [cell]

  std::size_t cells() const { return edge.size() - 1; }

  /// Points of the box onto the cells.
  Deposit deposit(const std::vector<std::vector<double>>& t) const;

  std::vector<double> on_cells(std::span<const double> at_nodes) const {
    if (nodes.cell.empty()) return {at_nodes.begin(), at_nodes.end()};
    std::vector<double> out(cells(), 0.0);
    nodes.add(at_nodes, out);
    return out;
  }

  std::vector<double> at_nodes(std::vector<double> on_cells) const {
    return nodes.cell.empty() ? std::move(on_cells) : nodes.gather(on_cells);
  }
};

Deposit Line::deposit(const std::vector<std::vector<double>>& t) const {
  const std::size_t n = t[0].size();
  if (direction.empty()) {
    Deposit out{1, std::vector<std::uint32_t>(n), std::vector<double>(n, 1.0)};
    for (std::size_t i = 0; i < n; ++i) {
      const auto above = std::upper_bound(edge.begin() + 1, edge.end() - 1, t[0][i]);
      out.cell[i] = static_cast<std::uint32_t>(above - edge.begin() - 1);
    }
    return out;
  }
  // Between the middles of the outermost cells, linearly.
  const double lo = 0.5 * (edge[0] + edge[1]);
  const double width = 0.5 * (edge[cells()] + edge[cells() - 1]) - lo;
  std::vector<double> place(n, -lo / width);
  for (std::size_t a = 0; a < t.size(); ++a)
    for (std::size_t i = 0; i < n; ++i) place[i] += direction[a] / width * t[a][i];
  return box_deposit({std::move(place)}, cells());
}

/// Edges at the running sums of the quadrature weights: a Gauss node lies inside its own.
Line only_axis(const QuadratureGrid& grid) {
  Line out;
  out.edge.push_back(0);
  for (const double w : grid.weight) out.edge.push_back(out.edge.back() + w);
  const double all = out.edge.back();
  for (double& e : out.edge) e /= all;
  return out;
}

std::vector<double> random_direction(std::size_t axes,
                                     std::uint64_t seed,
                                     std::size_t number) {
  const auto stream = random::Stream::named(seed, "directions");
  std::vector<double> out;
  double square = 0;
  for (std::size_t a = 0; a < axes; ++a) {
    out.push_back(
        random::normal_pair(stream, number, static_cast<std::uint32_t>(a / 2))[a % 2]);
    square += out.back() * out.back();
  }
  for (double& v : out) v /= std::sqrt(square);
  return out;
}

Line across(std::vector<double> direction,
            const std::vector<std::vector<double>>& nodes) {
  Line out;
  double lo = 0, hi = 0;
  for (const double v : direction) (v < 0 ? lo : hi) += v;
  for (std::size_t b = 0; b <= direction_cells; ++b)
    out.edge.push_back(std::lerp(lo, hi, static_cast<double>(b) / direction_cells));
  out.direction = std::move(direction);
  out.nodes = out.deposit(nodes);
  return out;
}

std::vector<Line> lines_of(const Density& density,
                           std::size_t channel,
                           const LineOptions& options) {
  const Channel& about = density.theory().channels()[channel];
  const auto& grid = density.grid(channel);
  if (about.axes.size() == 1) return {only_axis(grid)};
  const auto t = unit_positions(about, {grid.x.begin(), grid.x.end()}, 0);
  std::vector<Line> out(options.directions);
  parallel_for(out.size(), [&](std::size_t i) {
    out[i] = across(random_direction(about.axes.size(), options.seed, i), t);
  });
  return out;
}

/// Running sums: [cell + 1], from 0.
std::vector<double> cumulated(std::span<const double> shares) {
  std::vector<double> out{0};
  for (const double s : shares) out.push_back(out.back() + s);
  return out;
}

class LineCriterion final : public Criterion {
 public:
  LineCriterion(const Material& m, const LineOptions& options)
      : density_(m.density), options_(options) {
    const Theory& theory = density_.theory();
    for (std::size_t c = 0; c < theory.channels().size(); ++c) {
      lines_.push_back(lines_of(density_, c, options));
      for (auto& line : lines_.back()) line.data.assign(line.cells(), 0.0);
    }
    weights_ = for_each_channel(
        theory,
        m.data,
        m.weighting,
        [&](std::size_t c, std::uint64_t first, const auto& x, auto weights) {
          const auto t = unit_positions(theory.channels()[c], x, first);
          parallel_for(lines_[c].size(), [&](std::size_t l) {
            lines_[c][l].deposit(t).add(weights, lines_[c][l].data);
          });
        });
    double scale = 0;
    for (auto& channel : lines_)
      for (auto& line : channel) {
        for (double& d : line.data) d /= weights_.sum;
        scale +=
            options.scale(line.edge, line.data) / static_cast<double>(channel.size());
      }
    if (!(scale > 0))
      throw DataError("all events lie in one point; their distribution has no width",
                      "check the columns of the data");
    factor_ = static_cast<double>(lines_.size()) / scale;
  }

  stats::Evaluation evaluate(std::span<const double> theta) const override {
    stats::Evaluation out;
    out.gradient.assign(theta.size(), 0);
    out.curvature = Matrix(theta.size(), theta.size());
    try {
      const Norms norms = density_.norms(theta);
      for (std::size_t c = 0; c < lines_.size(); ++c)
        add_channel(c, shares_of(density_, c, theta, norms), out);
    } catch (const NumericalError&) {
      out.value = std::numeric_limits<double>::infinity();
    }
    return out;
  }

  std::optional<Matrix> gradient_variance(std::span<const double> theta) const override {
    const Norms norms = density_.norms(theta);
    Matrix out(theta.size(), theta.size());
    for (std::size_t c = 0; c < lines_.size(); ++c) {
      const Shares shares = shares_of(density_, c, theta, norms);
      stats::add(out,
                 weights_.squares * factor_ * factor_,
                 covariance_of(shares, influence(c, shares)));
    }
    return out;
  }

  double events() const override { return weights_.sum; }

 private:
  LineTerm term(const Line& line, const Shares& shares) const {
    const auto model = line.on_cells(shares.p);
    return options_.distance({line.edge, line.data, model});
  }

  void add_channel(std::size_t c, const Shares& shares, stats::Evaluation& out) const {
    const auto& lines = lines_[c];

    struct Part {
      double value = 0;
      std::vector<double> slope;  // [node]
      Matrix curvature;
    };

    std::vector<Part> parts(lines.size());
    parallel_for(lines.size(), [&](std::size_t l) {
      LineTerm t = term(lines[l], shares);
      parts[l] = {t.value,
                  lines[l].at_nodes(std::move(t.slope)),
                  curvature(lines[l], t.weight, shares)};
    });
    const double scale = weights_.sum * factor_ / static_cast<double>(lines.size());
    std::vector<double> slope(shares.p.size(), 0.0);
    for (const Part& part : parts) {
      out.value += 0.5 * scale * part.value;
      for (std::size_t i = 0; i < slope.size(); ++i) slope[i] += part.slope[i];
      stats::add(out.curvature, scale, part.curvature);
    }
    for (std::size_t k = 0; k < out.gradient.size(); ++k)
      out.gradient[k] +=
          0.5 * scale * weighted_sum_of(slope.size(), slope.data(), shares.slope.row(k));
  }

  /// d F / d theta at the edges: [parameter][cell + 1].
  static std::vector<std::vector<double>> edge_slopes(const Line& line,
                                                      const Shares& shares) {
    std::vector<std::vector<double>> out;
    const std::size_t nodes = shares.p.size();
    for (std::size_t k = 0; k < shares.slope.rows; ++k)
      out.push_back(cumulated(line.on_cells({shares.slope.row(k), nodes})));
    return out;
  }

  /// int w dF dF^T dx, dF linear within cells.
  static Matrix curvature(const Line& line,
                          std::span<const double> weight,
                          const Shares& shares) {
    const auto slope = edge_slopes(line, shares);
    const std::size_t cells = line.cells(), parameters = slope.size();
    std::vector<double> from(cells), to(cells);
    Matrix out(parameters, parameters);
    for (std::size_t k = 0; k < parameters; ++k) {
      for (std::size_t b = 0; b < cells; ++b) {
        const double sixth = weight[b] * (line.edge[b + 1] - line.edge[b]) / 6;
        from[b] = sixth * (2 * slope[k][b] + slope[k][b + 1]);
        to[b] = sixth * (slope[k][b] + 2 * slope[k][b + 1]);
      }
      for (std::size_t l = 0; l <= k; ++l)
        out(k, l) = out(l, k) = weighted_sum_of(cells, from.data(), slope[l].data()) +
                                weighted_sum_of(cells, to.data(), slope[l].data() + 1);
    }
    return out;
  }

  /// psi at the nodes, mean over the lines: [parameter, node].
  Matrix influence(std::size_t c, const Shares& shares) const {
    const auto& lines = lines_[c];
    const std::size_t parameters = shares.slope.rows, nodes = shares.p.size();
    std::vector<Matrix> parts(lines.size());
    parallel_for(lines.size(), [&](std::size_t l) {
      const Line& line = lines[l];
      const auto weight = term(line, shares).weight;
      const auto slope = edge_slopes(line, shares);
      parts[l] = Matrix(parameters, nodes);
      for (std::size_t k = 0; k < parameters; ++k) {
        std::vector<double> psi(line.cells());
        double beyond = 0;
        for (std::size_t b = line.cells(); b-- > 0;) {
          const double cell = 0.5 * weight[b] * (line.edge[b + 1] - line.edge[b]) *
                              (slope[k][b] + slope[k][b + 1]);
          psi[b] = beyond + 0.5 * cell;
          beyond += cell;
        }
        const auto at = line.at_nodes(std::move(psi));
        std::copy(at.begin(), at.end(), parts[l].row(k));
      }
    });
    Matrix out(parameters, nodes);
    for (const Matrix& part : parts)
      stats::add(out, 1.0 / static_cast<double>(lines.size()), part);
    return out;
  }

  const Density& density_;
  LineOptions options_;
  std::vector<std::vector<Line>> lines_;  // [channel]
  WeightSums weights_;
  double factor_ = 1;  // a
};

}  // namespace

std::unique_ptr<Criterion> line_criterion(const Material& material,
                                          const LineOptions& options) {
  return std::make_unique<LineCriterion>(material, options);
}

}  // namespace femto
