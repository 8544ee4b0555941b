// Exact inversion of the multilinear density through a theory's values on a graded grid.
#include <algorithm>
#include <cmath>
#include <functional>

#include "femto/config/registry.h"
#include "femto/core/error.h"
#include "femto/core/scratch.h"
#include "femto/core/threads.h"
#include "femto/core/vector_sums.h"
#include "femto/core/vmath.h"
#include "femto/physics/grid_density.h"
#include "femto/pipeline/density.h"
#include "femto/pipeline/feature_grid.h"
#include "femto/pipeline/grid_plan.h"

namespace femto {
namespace {

constexpr std::size_t max_axes = 4;
constexpr std::size_t max_nodes = std::size_t{1} << 24;
constexpr std::size_t piece = 4096;  // events whose uniforms are kept at a time

/// Grid of one channel with the theory's features at its nodes.
struct ChannelGrid {
  GridNodes nodes;
  FeatureGrid points;
};

ChannelGrid make_grid(const Theory& theory, std::size_t channel, std::size_t nodes) {
  ChannelGrid grid;
  for (const auto& axis : theory.channels()[channel].axes) {
    auto& ticks = grid.nodes.emplace_back();
    for (std::size_t i = 0; i < nodes; ++i)
      ticks.push_back(
          graded(axis, static_cast<double>(i) / static_cast<double>(nodes - 1)).x);
    ticks.front() = axis.lo;
    ticks.back() = axis.hi;
  }
  grid.points = feature_grid(theory, channel, grid.nodes);
  return grid;
}

/// value[node] = sigma exp(-top); returns top, the largest ln sigma.
double scaled_values(const ChannelGrid& grid,
                     const Theory& theory,
                     std::size_t channel,
                     std::span<const double> theta,
                     std::span<double> value) {
  evaluate_on(grid.points, theory, channel, theta, value.data(), nullptr);
  const double top = largest_of(value.size(), value.data());
  for (double& v : value) v -= top;
  vmath::exp(value.size(), value.data(), value.data());
  return top;
}

/// The uniforms of a draw for one who asks block by block.
struct KeyedUniforms {
  Draw which;
  std::size_t axes = 0;

  void operator()(std::size_t i, std::size_t n, double* const* u) const {
    fill_uniforms({which.stream, which.first + i}, n, axes, u);
  }
};

/// Grid values and derivatives at one theta. The common factor exp(-top) of the values
/// cancels in events and in their derivatives.
class InverseTable final : public SamplerTable {
 public:
  InverseTable(const Theory& theory,
               const std::vector<ChannelGrid>& grids,
               std::span<const double> theta)
      : theory_(theory), grids_(grids), theta_(theta.begin(), theta.end()) {
    for (std::size_t c = 0; c < grids_.size(); ++c) {
      std::vector<double> value(grids_[c].points.size);
      top_.push_back(scaled_values(grids_[c], theory_, c, theta_, value));
      densities_.push_back(make_grid_density(grids_[c].nodes, std::move(value)));
    }
  }

  void move_to(std::span<const double> theta) {
    theta_.assign(theta.begin(), theta.end());
    for (std::size_t c = 0; c < grids_.size(); ++c) {
      ScratchVector<double> value(grids_[c].points.size, scratch());
      top_[c] = scaled_values(grids_[c], theory_, c, theta_, value);
      densities_[c]->assign(value);
    }
  }

  void draw(std::size_t channel,
            const Draw& which,
            std::size_t n,
            double* const* out) const override {
    const auto draw_some = [&](std::size_t i, std::size_t m, const double* const* u) {
      double* at[max_axes] = {};
      for (std::size_t a = 0; a < axes(channel); ++a) at[a] = out[a] + i;
      densities_[channel]->draw(m, u, at);
    };
    const Pieces pieces{n, 16 * piece};
    if (pieces.count() == 1) return for_pieces(channel, which, 0, n, draw_some);
    parallel_for(pieces.count(), [&](std::size_t p) {
      for_pieces(channel, which, pieces.begin(p), pieces.end(p), draw_some);
    });
  }

  void backward(std::size_t channel,
                const Draw& which,
                std::size_t n,
                const double* const* upstream,
                double* slope) const override {
    const auto& density = *densities_[channel];
    add_value_slopes(channel, n, slope, [&](std::size_t i, std::size_t m, double* to) {
      const double* up[max_axes] = {};
      for (std::size_t a = 0; a < axes(channel); ++a) up[a] = upstream[a] + i;
      const KeyedUniforms keyed{{which.stream, which.first + i}, axes(channel)};
      density.backward(m, std::cref(keyed), up, to);
    });
  }

  void draw_and_pull(std::size_t channel,
                     const Draw& which,
                     std::size_t n,
                     const EventLoss& loss,
                     double* slope) const override {
    const auto& density = *densities_[channel];
    add_value_slopes(channel, n, slope, [&](std::size_t i, std::size_t m, double* to) {
      const auto from = [&](std::size_t j, std::size_t k, auto* x, auto* answers) {
        loss(i + j, k, x, answers);
      };
      const KeyedUniforms keyed{{which.stream, which.first + i}, axes(channel)};
      density.draw_and_pull(m, std::cref(keyed), from, to);
    });
  }

  std::optional<SampledDensity> sampled(std::size_t channel) const override {
    const auto* density = densities_[channel].get();
    return SampledDensity{grids_[channel].nodes,
                          top_[channel] + std::log(density->integral()),
                          [density](std::size_t n, const double* const* x, double* q) {
                            density->density(n, x, q);
                          }};
  }

 private:
  std::size_t axes(std::size_t channel) const { return grids_[channel].nodes.size(); }

  /// pull(begin, m, to) adds the slopes of the grid's values; they become those of the
  /// parameters. A piece keeps its own values, so it is worth them only if it is long.
  template <class Pull>
  void add_value_slopes(std::size_t channel,
                        std::size_t n,
                        double* slope,
                        const Pull& pull) const {
    const auto& grid = grids_[channel];
    const std::size_t size = grid.points.size;
    const Pieces pieces{n, std::max<std::size_t>(1 << 17, 4 * size)};
    ScratchVector<double> parts(std::max<std::size_t>(pieces.count(), 1) * size,
                                scratch());
    const auto one = [&](std::size_t p) {
      pull(pieces.begin(p), pieces.end(p) - pieces.begin(p), parts.data() + p * size);
    };
    if (pieces.count() == 1)
      one(0);
    else
      parallel_for(pieces.count(), one);
    for (std::size_t p = 1; p < pieces.count(); ++p)
      for (std::size_t j = 0; j < size; ++j) parts[j] += parts[p * size + j];
    const auto value = densities_[channel]->values();
    for (std::size_t j = 0; j < size; ++j) parts[j] *= value[j];
    add_slopes(
        grid.points, theory_, channel, theta_, std::span(parts).first(size), slope);
  }

  template <class Body>
  void for_pieces(std::size_t channel,
                  const Draw& which,
                  std::size_t begin,
                  std::size_t end,
                  const Body& body) const {
    const std::size_t axes = this->axes(channel);
    ScratchVector<double> uniforms(axes * std::min(piece, end - begin), scratch());
    for (std::size_t i = begin; i < end; i += piece) {
      const std::size_t m = std::min(piece, end - i);
      double* u[max_axes] = {};
      for (std::size_t a = 0; a < axes; ++a) u[a] = uniforms.data() + a * m;
      fill_uniforms({which.stream, which.first + i}, m, axes, u);
      body(i, m, u);
    }
  }

  const Theory& theory_;
  const std::vector<ChannelGrid>& grids_;
  std::vector<double> theta_;
  std::vector<double> top_;                              // [channel]
  std::vector<std::unique_ptr<GridDensity>> densities_;  // of sigma * exp(-top)
};

class InversePlan final : public GridPlan {
 public:
  InversePlan(const Theory& theory, std::vector<ChannelGrid> grids)
      : theory_(theory), grids_(std::move(grids)) {}

  std::unique_ptr<SamplerTable> at(std::span<const double> theta) const override {
    return std::make_unique<InverseTable>(theory_, grids_, theta);
  }

  void move(SamplerTable& table, std::span<const double> theta) const override {
    dynamic_cast<InverseTable&>(table).move_to(theta);
  }

  GridScheme scheme(std::size_t channel) const override {
    return MultilinearScheme{grids_[channel].nodes};
  }

  std::size_t size(std::size_t channel) const override {
    return grids_[channel].points.size;
  }

  void values(std::size_t channel,
              std::span<const double> theta,
              std::span<double> value) const override {
    scaled_values(grids_[channel], theory_, channel, theta, value);
    check_finite(value);
  }

  void add_slopes(std::size_t channel,
                  std::span<const double> theta,
                  std::span<const double> weighted,
                  double* slope) const override {
    femto::add_slopes(grids_[channel].points, theory_, channel, theta, weighted, slope);
  }

 private:
  const Theory& theory_;
  std::vector<ChannelGrid> grids_;
};

class InverseCdf final : public Sampler {
 public:
  struct Config {
    int nodes = 0;

    static constexpr auto fields() {
      return std::tuple{config::field<&Config::nodes>(
          {.doc = "grid nodes per axis; 0 picks 2000 for one axis, 300 for two, 80 for "
                  "three and 30 for four",
           .rule = config::at_least_zero})};
    }

    void check(config::Issues& issues) const {
      if (nodes == 1) issues.add("nodes", "a grid needs at least 2 nodes");
    }
  };

  explicit InverseCdf(Config config) : config_(config) {}

  std::unique_ptr<SamplerPlan> plan(const Theory& theory) const override {
    std::vector<ChannelGrid> grids;
    for (std::size_t c = 0; c < theory.channels().size(); ++c)
      grids.push_back(make_grid(theory, c, nodes_for(theory.channels()[c])));
    return std::make_unique<InversePlan>(theory, std::move(grids));
  }

 private:
  std::size_t nodes_for(const Channel& channel) const {
    constexpr std::size_t automatic[max_axes] = {2000, 300, 80, 30};
    const std::size_t axes = channel.axes.size();
    if (axes < 1 || axes > max_axes)
      fail("sampler 'inverse_cdf' works on grids of 1 to {} axes; channel '{}' has {}",
           max_axes,
           channel.name,
           axes);
    const std::size_t nodes =
        config_.nodes > 0 ? static_cast<std::size_t>(config_.nodes) : automatic[axes - 1];
    if (std::pow(static_cast<double>(nodes), axes) > static_cast<double>(max_nodes))
      throw Error(fmt::format("{} nodes on each of {} axes are more than the {} that "
                              "sampler 'inverse_cdf' allows (memory)",
                              nodes,
                              axes,
                              max_nodes),
                  "choose fewer 'nodes'");
    return nodes;
  }

  Config config_;
};

}  // namespace

void register_sampler_inverse_cdf(Registry& r) {
  r.add<Sampler, InverseCdf>({
      .name = "inverse_cdf",
      .summary = "Exact inverse-CDF sampling of a multilinear density on graded grids, "
                 "with exact derivatives.",
      .source = "Rosenblatt:1952; this project",
  });
}

}  // namespace femto
