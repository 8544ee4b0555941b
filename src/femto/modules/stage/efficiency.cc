// Efficiency of one column: a smooth turn-on or turn-off, or a table.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "femto/config/registry.h"
#include "femto/pipeline/stage.h"

namespace femto {
namespace {

using config::field;

/// The slope of a gate, at its middle, when its width is w, is 1 / (4 w).
struct Gate {
  Calibration at, width{0.01, 0, {}, {}};

  static constexpr auto fields() {
    return std::tuple{
        field<&Gate::at>({.doc = "where the efficiency is one half of its plateau"}),
        field<&Gate::width>({.doc = "w of 1 / (1 + exp(-(x - at) / w)); negative: the "
                                    "efficiency falls"}),
    };
  }
};

struct Settings {
  std::string column;
  double plateau = 1;
  std::optional<Gate> gate;
  std::vector<double> x, efficiency;

  static constexpr auto fields() {
    return std::tuple{
        field<&Settings::column>(
            {.doc = "column it depends on", .rule = config::not_empty, .required = true}),
        field<&Settings::plateau>({.doc = "factor on all of it",
                                   .rule = {.min = 0, .max = 1, .above_min = true}}),
        field<&Settings::gate>({.doc = "smooth turn-on or turn-off"}),
        field<&Settings::x>({.doc = "points of a table, ascending; between them the "
                                    "efficiency is linear, beyond them constant"}),
        field<&Settings::efficiency>(
            {.doc = "efficiency at each x; 0 over an interval is a dead region",
             .rule = config::fraction}),
    };
  }

  void check(config::Issues& issues) const {
    if (x.size() != efficiency.size() || x.size() == 1)
      issues.add(
          "x",
          fmt::format("has {} numbers and efficiency {} (as many of both, at least "
                      "two)",
                      x.size(),
                      efficiency.size()));
    if (!std::ranges::is_sorted(x, std::less_equal{})) issues.add("x", "does not ascend");
    if (!efficiency.empty() &&
        std::ranges::all_of(efficiency, [](double e) { return e == 0; }))
      issues.add("efficiency", "is zero everywhere: nothing survives");
    if (gate && gate->width.value == 0)
      issues.add("gate.width", "is zero; use stage `window` for a hard cut");
  }
};

class EfficiencyStep final : public Step {
 public:
  EfficiencyStep(const std::vector<Channel>& before, Settings settings)
      : settings_(std::move(settings)), place_(place_of(before, settings_.column)) {
    channels_ = before;
    if (!settings_.gate) return;
    const auto& axis = before[place_.channel].axes[place_.axis];
    const auto& gate = *settings_.gate;
    const bool rises = gate.width.value > 0;
    constexpr double inf = std::numeric_limits<double>::infinity();
    calibrations_.add(
        "gate_at_" + settings_.column, gate.at, axis.lo, axis.hi, "middle of the gate");
    calibrations_.add("gate_width_" + settings_.column,
                      gate.width,
                      rises ? 0 : -inf,
                      rises ? inf : 0,
                      "width of the gate");
  }

  const std::vector<Nuisance>& nuisances() const override {
    return calibrations_.nuisances();
  }

  bool loses() const override { return true; }

  bool only_loses() const override { return true; }

  void apply(const Draw&,
             std::span<const double> nu,
             std::size_t n,
             double* const* record,
             double* survival) const override {
    if (!survival) return;
    const auto c = calibrations_.values(nu);
    for (std::size_t i = 0; i < n; ++i)
      survival[i] *= at(c, record[place_.column][i]).value;
  }

  void backward(const Draw&,
                std::span<const double>,
                std::size_t,
                const double* const*,
                double* const*) const override {}

  /// A logistic function is smooth on twice its width: its poles are pi widths away.
  double panel(const std::string& column, double x) const override {
    if (column != settings_.column || !settings_.gate) return Step::panel(column, x);
    const double width = std::fabs(settings_.gate->width.value);
    const double away = std::fabs(x - settings_.gate->at.value);
    return 2 * width + 0.25 * std::max(0.0, away - 20 * width);
  }

  std::vector<double> breaks(const std::string& column) const override {
    return column == settings_.column ? settings_.x : std::vector<double>{};
  }

  std::vector<Intensity> fold(std::vector<Intensity> in,
                              const Folding& folding) const override {
    const auto c = calibrations_.values(folding.nu);
    std::vector<std::size_t> rows;
    for (std::size_t k = 0; k < folding.nu.size(); ++k)
      rows.push_back(folding.first_row + k);
    multiply(in[place_.channel], place_.axis, rows, [&](double x, double* e) {
      const auto found = at(c, x);
      *e++ = found.value;
      for (const auto k : calibrations_.free())
        *e++ = k == 0 ? found.by_at : found.by_width;
    });
    return in;
  }

 private:
  struct Value {
    double value = 0, by_at = 0, by_width = 0;
  };

  double table(double x) const {
    const auto& t = settings_.x;
    if (t.empty()) return 1;
    if (x <= t.front()) return settings_.efficiency.front();
    if (x >= t.back()) return settings_.efficiency.back();
    const auto i =
        static_cast<std::size_t>(std::ranges::upper_bound(t, x) - t.begin()) - 1;
    return std::lerp(settings_.efficiency[i],
                     settings_.efficiency[i + 1],
                     (x - t[i]) / (t[i + 1] - t[i]));
  }

  /// c: middle and width of the gate, if there is one.
  Value at(const std::vector<double>& c, double x) const {
    const double height = settings_.plateau * table(x);
    if (!settings_.gate) return {height};
    const double z = (x - c[0]) / c[1];
    const double gate = 1 / (1 + std::exp(-z)), slope = gate * (1 - gate);
    return {height * gate, -height * slope / c[1], -height * slope * z / c[1]};
  }

  Settings settings_;
  ColumnPlace place_;
  Calibrations calibrations_;
};

class Efficiency final : public Stage {
 public:
  using Config = Settings;

  explicit Efficiency(Settings settings) : settings_(std::move(settings)) {}

  std::unique_ptr<Step> after(const std::vector<Channel>& before) const override {
    return std::make_unique<EfficiencyStep>(before, settings_);
  }

 private:
  Settings settings_;
};

}  // namespace

void register_stage_efficiency(Registry& r) {
  r.add<Stage, Efficiency>({
      .name = "efficiency",
      .summary =
          "Events survive with a probability that depends on one column: a gate, a "
          "table, or both.",
      .source = "this project",
  });
}

}  // namespace femto
