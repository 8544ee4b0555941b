// Gaussian resolution: measured values scatter around the true ones.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "femto/config/registry.h"
#include "femto/core/recent.h"
#include "femto/physics/smear.h"
#include "femto/pipeline/stage.h"

namespace femto {
namespace {

using config::field;

enum class Space { linear, log };

constexpr std::array<std::pair<std::string_view, Space>, 2> names(Space) {
  return {{{"linear", Space::linear}, {"log", Space::log}}};
}

/// Widest panel, in standard deviations, on which ten nodes interpolate to 1e-8.
constexpr double panel_widths = 1.5;

struct Settings {
  std::vector<std::string> columns;
  std::vector<double> relative, stochastic, constant;
  double correlation = 0;
  Space space = Space::linear;
  Calibration width{1, 0, {}, {}}, scale{1, 0, {}, {}}, offset{0, 0, {}, {}};

  static constexpr auto fields() {
    return std::tuple{
        field<&Settings::columns>({.doc = "columns that are smeared",
                                   .rule = config::not_empty,
                                   .required = true}),
        field<&Settings::relative>(
            {.doc = "b in sd^2 = a^2 |x| + b^2 x^2 + c^2; one number, or one per column. "
                    "In log space the sd of ln x",
             .rule = config::at_least_zero}),
        field<&Settings::stochastic>(
            {.doc = "a of the same", .rule = config::at_least_zero}),
        field<&Settings::constant>(
            {.doc = "c of the same", .rule = config::at_least_zero}),
        field<&Settings::correlation>(
            {.doc = "correlation of the errors of the two columns, which then make one "
                    "channel of pairs",
             .rule = config::between(-0.9, 0.9)}),
        field<&Settings::space>({.doc =
                                     "linear: y = scale x + offset + sd z; log: ln y = "
                                     "ln(scale x) + sd z"}),
        field<&Settings::width>({.doc = "factor on the sd of every column"}),
        field<&Settings::scale>({.doc = "energy scale of every column"}),
        field<&Settings::offset>({.doc = "offset of every column"}),
    };
  }

  void check(config::Issues& issues) const {
    const auto fits = [&](const char* key, const std::vector<double>& v) {
      if (v.size() > 1 && v.size() != columns.size())
        issues.add(
            key, fmt::format("has {} numbers for {} columns", v.size(), columns.size()));
    };
    fits("relative", relative);
    fits("stochastic", stochastic);
    fits("constant", constant);
    if (correlation != 0 && columns.size() != 2)
      issues.add("correlation", "needs exactly two columns");
    if (space == Space::log && (!stochastic.empty() || !constant.empty()))
      issues.add("space", "log takes `relative` alone, the sd of ln x");
    if (space == Space::log && (offset.value != 0 || offset.sd != 0))
      issues.add("offset", "has no meaning in log space; use scale");
  }
};

/// The error of one column; width, scale and offset are numbers 3 p, 3 p + 1, 3 p + 2 of
/// the calibrations of part p.
struct Part {
  std::string column;
  ColumnPlace place;
  Axis axis;  // before
  Smear smear;
};

SmearSettings settings_of(const std::vector<double>& calibrations, std::size_t p) {
  const double* c = &calibrations[3 * p];
  return {c[0], c[1], c[2]};
}

class ResolutionStep final : public Step {
 public:
  ResolutionStep(const Settings& s, const std::vector<Channel>& before)
      : correlation_(s.correlation) {
    channels_ = before;
    const auto of = [](const std::vector<double>& v, std::size_t i) {
      return v.empty() ? 0.0 : v[v.size() == 1 ? 0 : i];
    };
    constexpr double inf = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < s.columns.size(); ++i) {
      const auto& name = s.columns[i];
      const auto place = place_of(before, name);
      parts_.push_back({name,
                        place,
                        before[place.channel].axes[place.axis],
                        {of(s.relative, i),
                         of(s.stochastic, i),
                         of(s.constant, i),
                         s.space == Space::log}});
      calibrations_.add("width_" + name, s.width, 0, inf, "factor on the resolution");
      calibrations_.add("scale_" + name, s.scale, 0, inf, "energy scale");
      calibrations_.add("offset_" + name, s.offset, -inf, inf, "offset of the energy");
      announce(parts_.back(), i);
    }
    if (correlation_ != 0)
      pair_channels(channels_,
                    parts_[first_part()].place,
                    parts_[1 - first_part()].place,
                    "correlation");
  }

  const std::vector<Nuisance>& nuisances() const override {
    return calibrations_.nuisances();
  }

  void apply(const Draw& which,
             std::span<const double> nu,
             std::size_t n,
             double* const* record,
             double*) const override {
    const auto c = calibrations_.values(nu);
    std::vector<double> z(parts_.size());
    for (std::size_t i = 0; i < n; ++i) {
      deviates(which, i, z);
      for (std::size_t p = 0; p < parts_.size(); ++p) {
        double& x = record[parts_[p].place.column][i];
        x = parts_[p].smear.measure(settings_of(c, p), x, z[p]);
      }
    }
  }

  void backward(const Draw& which,
                std::span<const double> nu,
                std::size_t n,
                const double* const* before,
                double* const* upstream) const override {
    const auto c = calibrations_.values(nu);
    std::vector<double> z(parts_.size());
    for (std::size_t i = 0; i < n; ++i) {
      deviates(which, i, z);
      for (std::size_t p = 0; p < parts_.size(); ++p) {
        const auto column = parts_[p].place.column;
        upstream[column][i] *=
            parts_[p].smear.slope(settings_of(c, p), before[column][i], z[p]);
      }
    }
  }

  double panel(const std::string& column, double x) const override {
    const auto c = calibrations_.values(nominal_values());
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      if (parts_[p].column != column) continue;
      const Part& part = parts_[p];
      const double at = std::clamp(x, part.axis.lo, part.axis.hi);
      return panel_widths * c[3 * p] * part.smear.sd(at);
    }
    return Step::panel(column, x);
  }

  std::vector<Intensity> fold(std::vector<Intensity> in,
                              const Folding& folding) const override {
    const auto matrices =
        recent_.get(folding.nu, [&] { return this->matrices(in, folding); });
    const auto smeared = [&](std::size_t p, std::size_t term) {
      KernelUse use{term * (1 + own(p).size()), {}};
      for (const auto k : own(p)) use.rows.push_back(folding.first_row + k);
      const auto& place = parts_[p].place;
      return folded(in[place.channel], place.axis, (*matrices)[p], use);
    };
    if (correlation_ != 0)
      pair(in, smeared);
    else
      for (std::size_t p = 0; p < parts_.size(); ++p)
        in[parts_[p].place.channel] = smeared(p, 0);
    return in;
  }

 private:
  std::vector<double> nominal_values() const {
    std::vector<double> out;
    for (const auto& nuisance : nuisances()) out.push_back(nuisance.parameter.start);
    return out;
  }

  /// Checks that there is an error at all and widens the axis by its reach.
  void announce(const Part& part, std::size_t p) {
    const auto c = calibrations_.values(nominal_values());
    if (!(part.smear.sd(part.axis.lo) > 0) || !(c[3 * p] > 0))
      throw Error(fmt::format("the resolution of column '{}' is zero at {} (densities "
                              "cannot be folded with no error)",
                              part.column,
                              part.axis.lo),
                  "give `constant` a value, or leave the stage out");
    auto& axis = channels_[part.place.channel].axes[part.place.axis];
    const SmearSettings widest_at{widest(p), 1, 0};
    axis.lo = part.smear.measure(widest_at, part.axis.lo, -Smear::far);
    axis.hi = part.smear.measure(widest_at, part.axis.hi, Smear::far);
    axis.grading = Grading::uniform;
  }

  /// The largest width the box allows, with room for scale and offset.
  double widest(std::size_t p) const {
    double out = calibrations_.values(nominal_values())[3 * p];
    for (std::size_t k = 0; k < nuisances().size(); ++k)
      if (calibrations_.free()[k] == 3 * p) out = nuisances()[k].parameter.hi;
    return out;
  }

  std::size_t first_part() const {
    return parts_[0].place.channel < parts_[1].place.channel ? 0 : 1;
  }

  void deviates(const Draw& which, std::size_t i, std::vector<double>& z) const {
    for (std::size_t p = 0; p < z.size(); p += 2) {
      const auto pair = random::normal_pair(
          which.stream, which.first + i, static_cast<std::uint32_t>(p / 2));
      z[p] = pair[0];
      if (p + 1 < z.size()) z[p + 1] = pair[1];
    }
    if (correlation_ != 0)
      z[1] = correlation_ * z[0] + std::sqrt(1 - correlation_ * correlation_) * z[1];
  }

  /// Terms of Mehler's series until they are below 1e-7.
  std::size_t terms_of_series() const {
    if (correlation_ == 0) return 1;
    return 1 + static_cast<std::size_t>(
                   std::ceil(std::log(1e-7) / std::log(std::fabs(correlation_))));
  }

  /// Nuisance parameters of one part: their number among the stage's.
  std::vector<std::size_t> own(std::size_t p) const {
    std::vector<std::size_t> out;
    for (std::size_t k = 0; k < calibrations_.free().size(); ++k)
      if (calibrations_.free()[k] / 3 == p) out.push_back(k);
    return out;
  }

  std::vector<KernelMatrix> matrices(const std::vector<Intensity>& in,
                                     const Folding& folding) const {
    const auto c = calibrations_.values(folding.nu);
    std::vector<KernelMatrix> out;
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      const Part& part = parts_[p];
      std::vector<std::size_t> wanted;
      for (const auto k : own(p)) wanted.push_back(calibrations_.free()[k] % 3);
      const SmearKernel kernel{part.smear, settings_of(c, p), terms_of_series(), wanted};
      const auto& axis = after(p);
      out.emplace_back(in[part.place.channel].axes[part.place.axis],
                       folding.panels(part.column, axis.lo, axis.hi),
                       Kernel{kernel.outputs(), kernel});
    }
    return out;
  }

  /// The axis of part p among the channels after this step.
  const Axis& after(std::size_t p) const {
    if (correlation_ == 0)
      return channels_[parts_[p].place.channel].axes[parts_[p].place.axis];
    return channels_[parts_[first_part()].place.channel].axes[p == first_part() ? 0 : 1];
  }

  /// The two channels become sum_k rho^k / k! A_k(y1) B_k(y2): Mehler's expansion of the
  /// bivariate normal density. Source: Mehler:1866; DLMF section 18.18(vii).
  template <class Smeared>
  void pair(std::vector<Intensity>& in, const Smeared& smeared) const {
    const std::size_t a = first_part(), b = 1 - a;
    std::vector<Panels> axes(2);
    std::vector<std::array<Matrix, 2>> products;
    double weight = 1;
    for (std::size_t k = 0; k < terms_of_series(); ++k) {
      auto first = smeared(a, k), second = smeared(b, k);
      for (double& value : first.values.data) value *= weight;
      products.push_back({std::move(first.values), std::move(second.values)});
      axes = {std::move(first.axes[0]), std::move(second.axes[0])};
      weight *= correlation_ / static_cast<double>(k + 1);
    }
    in[parts_[a].place.channel] = Intensity(std::move(axes), std::move(products));
    in.erase(in.begin() + static_cast<std::ptrdiff_t>(parts_[b].place.channel));
  }

  double correlation_;
  std::vector<Part> parts_;
  Calibrations calibrations_;
  mutable Recent<std::vector<KernelMatrix>> recent_;
};

class Resolution final : public Stage {
 public:
  using Config = Settings;

  explicit Resolution(Settings settings) : settings_(std::move(settings)) {}

  std::unique_ptr<Step> after(const std::vector<Channel>& before) const override {
    return std::make_unique<ResolutionStep>(settings_, before);
  }

 private:
  Settings settings_;
};

}  // namespace

void register_stage_resolution(Registry& r) {
  r.add<Stage, Resolution>({
      .name = "resolution",
      .summary = "Gaussian errors, relative, stochastic and constant, in x or ln x, "
                 "correlated between two columns.",
      .source = "Mehler:1866 (correlated errors); this project",
  });
}

}  // namespace femto
