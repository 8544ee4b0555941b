// Local orthogonal inverse transform sampling, as published: for comparison only.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "femto/config/registry.h"
#include "femto/core/random.h"
#include "femto/core/vmath.h"
#include "femto/physics/allocation.h"
#include "femto/physics/cell_curves.h"
#include "femto/pipeline/feature_grid.h"
#include "femto/pipeline/sampler.h"

namespace femto {
namespace {

constexpr std::size_t max_axes = CellGrid::max_axes;

enum class Variant { lite, corner };

constexpr std::array<std::pair<std::string_view, Variant>, 2> names(Variant) {
  return {{{"lite", Variant::lite}, {"corner", Variant::corner}}};
}

struct Settings {
  Variant variant = Variant::lite;
  Allocation allocation = Allocation::multinomial;
  int nodes = 100;
  int points = 10;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field<&Settings::variant>(
            {.doc = "lite: curves along the lower edges of a cell, weights from its "
                    "middle; corner: curves and weights from the corner values"}),
        field<&Settings::allocation>(
            {.doc = "how cells get their events; multinomial: each event draws its own; "
                    "systematic: expected counts up to rounding, for gradients only; "
                    "floor: counts rounded down, as published"}),
        field<&Settings::nodes>({.doc = "grid nodes per axis, equally spaced",
                                 .rule = config::between(2, 3000)}),
        field<&Settings::points>({.doc = "points of the curves inside a cell",
                                  .rule = config::between(2, CellCurve::max_points)}),
    };
  }
};

std::vector<double> equally_spaced(const Axis& axis, std::size_t count, double offset) {
  std::vector<double> ticks(count);
  for (std::size_t i = 0; i < count; ++i)
    ticks[i] = axis.lo + (axis.hi - axis.lo) * (static_cast<double>(i) + offset) /
                             (static_cast<double>(count) - 1 + 2 * offset);
  return ticks;
}

/// The grids on which one channel's density is needed.
struct ChannelCells {
  std::vector<Axis> axes;
  CellGrid grid;
  std::vector<FeatureGrid> curves;     // lite: one per axis, fine along it; corner: nodes
  std::optional<FeatureGrid> middles;  // lite: middles of the cells
};

ChannelCells make_cells(const Theory& theory, std::size_t channel, const Settings& s) {
  ChannelCells out{theory.channels()[channel].axes, {}, {}, {}};
  const auto nodes = static_cast<std::size_t>(s.nodes);
  out.grid.axes = out.axes.size();
  out.grid.cells = nodes - 1;
  out.grid.points = static_cast<std::size_t>(s.points);
  for (std::size_t a = 0; a < out.axes.size(); ++a)
    out.grid.lo[a] = out.axes[a].lo, out.grid.hi[a] = out.axes[a].hi;
  const auto ticks_of = [&](auto&& count, double offset) {
    std::vector<std::vector<double>> ticks;
    for (std::size_t a = 0; a < out.axes.size(); ++a)
      ticks.push_back(equally_spaced(out.axes[a], count(a), offset));
    return feature_grid(theory, channel, ticks);
  };
  if (s.variant == Variant::corner) {
    out.curves.push_back(ticks_of([&](std::size_t) { return nodes; }, 0));
    return out;
  }
  const auto fine = out.grid.cells * (out.grid.points - 1) + 1;
  for (std::size_t along = 0; along < out.axes.size(); ++along)
    out.curves.push_back(
        ticks_of([&](std::size_t a) { return a == along ? fine : nodes; }, 0));
  out.middles = ticks_of([&](std::size_t) { return out.grid.cells; }, 0.5);
  return out;
}

class LoitsTable final : public SamplerTable {
 public:
  LoitsTable(const Theory& theory,
             const std::vector<ChannelCells>& cells,
             const Settings& settings,
             std::span<const double> theta)
      : theory_(theory),
        cells_(cells),
        settings_(settings),
        theta_(theta.begin(), theta.end()),
        channels_(cells.size()) {
    for (std::size_t c = 0; c < cells_.size(); ++c) prepare(c);
  }

  void draw(std::size_t channel,
            const Draw& which,
            std::size_t n,
            double* const* out) const override {
    channels_[channel].curves->draw(n, inputs(channel, which, n), out);
  }

  /// The cells' weights are detached, as published. Source: Braga:2025.
  void backward(std::size_t channel,
                const Draw& which,
                std::size_t n,
                const double* const* upstream,
                double* slope) const override {
    const auto& state = channels_[channel];
    std::vector<std::vector<double>> adjoint;
    for (const auto& sigma : state.sigma) adjoint.emplace_back(sigma.size());
    state.curves->backward(
        n,
        inputs(channel, which, n),
        upstream,
        [&](std::size_t cell, std::size_t a, const double* value) {
          each_term(channel,
                    cell,
                    a,
                    [&](std::size_t t, std::size_t g, std::size_t point, double factor) {
                      adjoint[g][point] += factor * value[t];
                    });
        });
    for (std::size_t g = 0; g < adjoint.size(); ++g) {
      for (std::size_t j = 0; j < adjoint[g].size(); ++j)
        adjoint[g][j] *= state.sigma[g][j];
      add_slopes(cells_[channel].curves[g], theory_, channel, theta_, adjoint[g], slope);
    }
  }

  std::optional<SampledDensity> sampled(std::size_t channel) const override {
    if (settings_.allocation == Allocation::floor) return {};  // depends on the draw
    const auto& cells = cells_[channel];
    SampledDensity out;
    double volume = 1;
    for (const auto& axis : cells.axes) {
      out.borders.push_back(
          equally_spaced(axis, cells.grid.cells * (cells.grid.points - 1) + 1, 0));
      volume *= (axis.hi - axis.lo) / static_cast<double>(cells.grid.cells);
    }
    const auto& state = channels_[channel];
    out.log_norm = state.top + std::log(state.search->total() * volume);
    out.density = [this, channel](std::size_t n, const double* const* x, double* q) {
      for (std::size_t i = 0; i < n; ++i) q[i] = density_at(channel, x, i);
    };
    return out;
  }

 private:
  struct State {
    std::vector<std::vector<double>> sigma;  // [curve grid][point], times exp(-top)
    std::unique_ptr<GuidedSearch> search;    // cells by weight
    std::unique_ptr<CellCurves> curves;
    double top = 0;
  };

  /// Uniforms and cells of the events of one draw of n.
  CellCurves::Inputs inputs(std::size_t channel, const Draw& which, std::size_t n) const {
    const std::size_t axes = cells_[channel].axes.size();
    const CellAllocation cells(*channels_[channel].search,
                               settings_.allocation,
                               n,
                               random::uniform_pair(which.stream, which.first, 1)[0]);
    return [=](std::size_t first, std::size_t m, std::int32_t* cell, double* const* u) {
      double r[CellCurves::block];
      fill_uniforms({which.stream, which.first + first}, m, axes, u);
      random::uniform_pairs(which.stream, which.first + first, m, 1, r, nullptr);
      cells.find(first, m, r, cell);
    };
  }

  void prepare(std::size_t channel) {
    const auto& cells = cells_[channel];
    auto& state = channels_[channel];
    std::vector<std::vector<double>> all;
    const auto add = [&](const FeatureGrid& grid) {
      auto& values = all.emplace_back(grid.size);
      evaluate_on(grid, theory_, channel, theta_, values.data(), nullptr);
    };
    for (const auto& grid : cells.curves) add(grid);
    if (cells.middles) add(*cells.middles);
    state.top = -std::numeric_limits<double>::infinity();
    for (const auto& v : all)
      state.top = std::max(state.top, *std::max_element(v.begin(), v.end()));
    for (auto& v : all) {
      for (double& value : v) value -= state.top;
      vmath::exp(v.size(), v.data(), v.data());
    }
    std::vector<double> weights;
    if (cells.middles) {
      weights = std::move(all.back());
      all.pop_back();
    }
    state.sigma = std::move(all);
    if (!cells.middles) weights = corner_means(channel);
    std::vector<double> sums{0.0};
    for (const double w : weights) sums.push_back(sums.back() + w);
    if (!(sums.back() > 0 && std::isfinite(sums.back())))
      throw NumericalError(
          "the density on the sampler's grid has no finite positive norm",
          "look for parameters at which the theory is zero everywhere");
    state.search = std::make_unique<GuidedSearch>(std::move(sums));
    state.curves = std::make_unique<CellCurves>(
        cells.grid, [this, channel](std::size_t cell, std::size_t a, double* value) {
          std::fill_n(value, cells_[channel].grid.points, 0.0);
          each_term(channel,
                    cell,
                    a,
                    [&](std::size_t t, std::size_t g, std::size_t point, double factor) {
                      value[t] += factor * channels_[channel].sigma[g][point];
                    });
        });
  }

  std::vector<double> corner_means(std::size_t channel) const {
    const auto& cells = cells_[channel];
    const auto& s = channels_[channel].sigma[0];
    const std::size_t n = cells.grid.cells;
    std::vector<double> means;
    if (cells.axes.size() == 1) {
      for (std::size_t i = 0; i < n; ++i) means.push_back(0.5 * (s[i] + s[i + 1]));
      return means;
    }
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        const double* low = &s[i * (n + 1) + j];
        const double* high = low + n + 1;
        means.push_back(0.25 * (low[0] + low[1] + high[0] + high[1]));
      }
    return means;
  }

  /// Calls use(t, grid, point, factor): value[t] = sum of factor * sigma[grid][point].
  template <class Use>
  void each_term(std::size_t channel,
                 std::size_t flat,
                 std::size_t a,
                 const Use& use) const {
    const auto& grid = cells_[channel].grid;
    const std::size_t nodes = grid.cells + 1, k = grid.points - 1;
    const bool two = grid.axes == 2;
    const std::size_t cell[] = {grid.along(flat, 0), two ? grid.along(flat, 1) : 0};
    if (settings_.variant == Variant::lite) {
      for (std::size_t t = 0; t <= k; ++t) {
        const std::size_t fine = cell[a] * k + t;
        const std::size_t wide = (nodes - 1) * k + 1;
        const std::size_t point = !two     ? fine
                                  : a == 0 ? fine * nodes + cell[1]
                                           : cell[0] * wide + fine;
        use(t, a, point, 1.0);
      }
      return;
    }
    const std::size_t along = two && a == 0 ? nodes : 1,
                      across = two && a == 1 ? nodes : 1;
    const std::size_t corner = two ? cell[0] * nodes + cell[1] : cell[0];
    const double share = two ? 0.5 : 1.0;
    for (std::size_t t = 0; t <= k; ++t) {
      const double high = static_cast<double>(t) / static_cast<double>(k);
      for (std::size_t edge = 0; edge < (two ? 2u : 1u); ++edge) {
        use(t, 0, corner + edge * across, share * (1 - high));
        use(t, 0, corner + edge * across + along, share * high);
      }
    }
  }

  double density_at(std::size_t channel, const double* const* x, std::size_t i) const {
    const auto& grid = cells_[channel].grid;
    const std::size_t k = grid.points - 1;
    std::array<std::size_t, max_axes> segment{};
    std::size_t flat = 0;
    for (std::size_t a = 0; a < grid.axes; ++a) {
      const double steps = (x[a][i] - grid.lo[a]) / grid.step(a);
      if (!(steps >= 0 && steps <= static_cast<double>(grid.cells * k))) return 0;
      const auto fine = std::min(static_cast<std::size_t>(steps), grid.cells * k - 1);
      segment[a] = fine % k;
      flat = flat * grid.cells + fine / k;
    }
    const auto& state = channels_[channel];
    const auto sums = state.search->sums();
    double q = (sums[flat + 1] - sums[flat]) / sums.back();
    for (std::size_t a = 0; a < grid.axes; ++a) {
      const auto curve = state.curves->curve(flat, a);
      q *= (curve.c[segment[a] + 1] - curve.c[segment[a]]) / grid.step(a);
    }
    return q;
  }

  const Theory& theory_;
  const std::vector<ChannelCells>& cells_;
  Settings settings_;
  std::vector<double> theta_;
  std::vector<State> channels_;
};

class LoitsPlan final : public SamplerPlan {
 public:
  LoitsPlan(const Theory& theory, const Settings& settings)
      : theory_(theory), settings_(settings) {
    for (std::size_t c = 0; c < theory.channels().size(); ++c)
      cells_.push_back(make_cells(theory, c, settings));
  }

  std::unique_ptr<SamplerTable> at(std::span<const double> theta) const override {
    return std::make_unique<LoitsTable>(theory_, cells_, settings_, theta);
  }

 private:
  const Theory& theory_;
  Settings settings_;
  std::vector<ChannelCells> cells_;
};

class Loits final : public Sampler {
 public:
  using Config = Settings;

  explicit Loits(Config config) : config_(config) {}

  std::unique_ptr<SamplerPlan> plan(const Theory& theory) const override {
    for (const auto& channel : theory.channels())
      if (channel.axes.empty() || channel.axes.size() > max_axes)
        fail(
            "sampler 'loits' works on 1 or 2 axes; channel '{}' has {}; use "
            "'inverse_cdf'",
            channel.name,
            channel.axes.size());
    if (config_.allocation != Allocation::multinomial && theory.channels().size() > 1)
      throw Error(fmt::format("sampler 'loits' with this allocation draws events in the "
                              "order of its cells, which would tie the {} channels of a "
                              "record together",
                              theory.channels().size()),
                  "choose allocation: multinomial");
    return std::make_unique<LoitsPlan>(theory, config_);
  }

  std::string bias() const override {
    std::string text =
        "LOITS detaches the weights of its cells: its events are biased and its gradient "
        "keeps only the shift inside a cell (0.05 % of the true one on 100 nodes per "
        "axis); use inverse_cdf";
    if (config_.allocation == Allocation::systematic)
      text += "; systematic counts: events are not independent, not to be used as data";
    if (config_.allocation == Allocation::floor)
      text +=
          "; counts rounded down: cells that expect less than one event get none, as "
          "published, and what is lost (24 % of 10,000 events on 100 nodes per axis) "
          "is drawn again from the others";
    return text;
  }

 private:
  Config config_;
};

}  // namespace

void register_sampler_loits(Registry& r) {
  r.add<Sampler, Loits>({
      .name = "loits",
      .summary = "Local orthogonal inverse transform sampling as published; biased, for "
                 "comparison only.",
      .source = "Braga:2025",
  });
}

}  // namespace femto
