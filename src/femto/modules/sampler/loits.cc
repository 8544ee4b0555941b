// Local orthogonal inverse transform sampling, as published: for comparison only.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "femto/config/registry.h"
#include "femto/core/random.h"
#include "femto/core/scratch.h"
#include "femto/physics/allocation.h"
#include "femto/physics/cell_curves.h"
#include "femto/pipeline/grid_plan.h"

namespace femto {
namespace {

constexpr std::size_t max_axes = CellGrid::max_axes;

struct Settings {
  LoitsVariant variant = LoitsVariant::lite;
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

class LoitsTable final : public SamplerTable {
 public:
  LoitsTable(const Theory& theory,
             const std::vector<LoitsGrid>& grids,
             const Settings& settings,
             std::span<const double> theta)
      : theory_(theory),
        grids_(grids),
        settings_(settings),
        theta_(theta.begin(), theta.end()),
        channels_(grids.size()) {
    for (std::size_t c = 0; c < grids_.size(); ++c) prepare(c);
  }

  void move_to(std::span<const double> theta) {
    theta_.assign(theta.begin(), theta.end());
    for (std::size_t c = 0; c < grids_.size(); ++c) prepare(c);
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
    add_value_slopes(channel, slope, [&](const CellCurves::Slopes& slopes) {
      channels_[channel].curves->backward(n, inputs(channel, which, n), upstream, slopes);
    });
  }

  void draw_and_pull(std::size_t channel,
                     const Draw& which,
                     std::size_t n,
                     const EventLoss& loss,
                     double* slope) const override {
    add_value_slopes(channel, slope, [&](const CellCurves::Slopes& slopes) {
      channels_[channel].curves->draw_and_pull(
          n, inputs(channel, which, n), loss, slopes);
    });
  }

  std::optional<SampledDensity> sampled(std::size_t channel) const override {
    if (settings_.allocation == Allocation::floor) return {};  // depends on the draw
    const auto& cells = grids_[channel].cells;
    SampledDensity out;
    double volume = 1;
    for (const auto& axis : grids_[channel].axes) {
      out.borders.push_back(
          equally_spaced(axis, cells.cells * (cells.points - 1) + 1, 0));
      volume *= (axis.hi - axis.lo) / static_cast<double>(cells.cells);
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
    std::vector<double> value;             // of the grid, times exp(-top)
    std::unique_ptr<GuidedSearch> search;  // cells by weight
    std::unique_ptr<CellCurves> curves;
    double top = 0;
  };

  /// pass(slopes) tells the slopes of the curves, which become those of the parameters.
  template <class Pass>
  void add_value_slopes(std::size_t channel, double* slope, const Pass& pass) const {
    const auto& value = channels_[channel].value;
    ScratchVector<double> adjoint(value.size(), scratch());
    pass([&](std::size_t cell, std::size_t a, const double* by_point) {
      grids_[channel].each_term(
          cell, a, [&](std::size_t t, std::size_t place, double factor) {
            adjoint[place] += factor * by_point[t];
          });
    });
    for (std::size_t j = 0; j < adjoint.size(); ++j) adjoint[j] *= value[j];
    grids_[channel].add_slopes(theory_, channel, theta_, adjoint, slope);
  }

  /// Uniforms and cells of the events of one draw of n.
  CellCurves::Inputs inputs(std::size_t channel, const Draw& which, std::size_t n) const {
    const std::size_t axes = grids_[channel].axes.size();
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
    const auto& grid = grids_[channel];
    auto& state = channels_[channel];
    state.value.resize(grid.size());
    state.top = grid.values(theory_, channel, theta_, state.value);
    std::vector<double> sums{0.0};
    for (const double w : grid.weights(state.value)) sums.push_back(sums.back() + w);
    if (!(sums.back() > 0 && std::isfinite(sums.back())))
      throw NumericalError(
          "the density on the sampler's grid has no finite positive norm",
          "look for parameters at which the theory is zero everywhere");
    state.search = std::make_unique<GuidedSearch>(std::move(sums));
    state.curves = std::make_unique<CellCurves>(
        grid.cells, [&grid, &state](std::size_t cell, std::size_t a, double* by_point) {
          std::fill_n(by_point, grid.cells.points, 0.0);
          grid.each_term(cell, a, [&](std::size_t t, std::size_t place, double factor) {
            by_point[t] += factor * state.value[place];
          });
        });
  }

  double density_at(std::size_t channel, const double* const* x, std::size_t i) const {
    const auto& grid = grids_[channel].cells;
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
  const std::vector<LoitsGrid>& grids_;
  Settings settings_;
  std::vector<double> theta_;
  std::vector<State> channels_;
};

class LoitsPlan final : public GridPlan {
 public:
  LoitsPlan(const Theory& theory, const Settings& settings)
      : theory_(theory), settings_(settings) {
    for (std::size_t c = 0; c < theory.channels().size(); ++c)
      grids_.emplace_back(theory,
                          c,
                          settings.variant,
                          static_cast<std::size_t>(settings.nodes),
                          static_cast<std::size_t>(settings.points));
  }

  std::unique_ptr<SamplerTable> at(std::span<const double> theta) const override {
    return std::make_unique<LoitsTable>(theory_, grids_, settings_, theta);
  }

  void move(SamplerTable& table, std::span<const double> theta) const override {
    dynamic_cast<LoitsTable&>(table).move_to(theta);
  }

  /// Kernels draw the cell of each event on its own.
  GridScheme scheme(std::size_t channel) const override {
    if (settings_.allocation != Allocation::multinomial) return {};
    return LoitsScheme{settings_.variant, grids_[channel].cells};
  }

  std::size_t size(std::size_t channel) const override { return grids_[channel].size(); }

  void values(std::size_t channel,
              std::span<const double> theta,
              std::span<double> value) const override {
    grids_[channel].values(theory_, channel, theta, value);
    check_finite(value);
  }

  void add_slopes(std::size_t channel,
                  std::span<const double> theta,
                  std::span<const double> weighted,
                  double* slope) const override {
    grids_[channel].add_slopes(theory_, channel, theta, weighted, slope);
  }

 private:
  const Theory& theory_;
  Settings settings_;
  std::vector<LoitsGrid> grids_;
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
