// Inclusive deep-inelastic scattering: d2 sigma/(d ln x d ln Q2) from parton densities.
#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "femto/config/registry.h"
#include "femto/core/recent.h"
#include "femto/core/vmath.h"
#include "femto/modules/theory/dis_settings.h"
#include "femto/pipeline/build_info.h"
#include "femto/pipeline/density_set.h"
#include "femto/pipeline/prior.h"
#include "femto/qcd/alpha_em.h"
#include "femto/qcd/lhapdf_set.h"

namespace femto {
namespace {

using dis::Coupling;
using dis::DisSettings;
using dis::evolution_of;
using dis::free_names;
using dis::index_of;
using dis::is_function;
using dis::make_table;
using dis::Start;

class Dis final : public Theory, public HasPrior, public WritesDensities {
 public:
  using Config = DisSettings;

  explicit Dis(const Config& config)
      : config_(config),
        s_minus_m2_(config.s_minus_m2()),
        alpha_em_(config.alpha_em),
        start_(config.densities),
        table_(make_table(config)),
        curve_q2_(config.curve_q2) {
    const auto& all = table_.model().parameters();
    for (const auto& p : all) values_.push_back(p.value);
    if (!is_function(start_))
      for (const auto& [name, value] : config.values)
        values_[index_of(all, name)] = value;
    for (const auto& name : free_names(config, all)) add_parameter(index_of(all, name));
    for (const auto target : config.targets) add_channel(config, target);
    if (curve_q2_.empty()) return;
    std::ranges::sort(curve_q2_);
    auto settings = evolution_of(config);
    settings.grid = table_.evolution().settings().grid;
    settings.mu2_gev2 = curve_q2_;
    drawn_ = std::make_unique<qcd::Evolution>(settings, config.cache.file);
  }

  const std::vector<Parameter>& parameters() const override { return parameters_; }

  const std::vector<Channel>& channels() const override { return channels_; }

  /// Positions on the table, and what does not depend on the parameters.
  std::size_t feature_count(std::size_t) const override { return 4; }

  void features(std::size_t,
                std::size_t n,
                const double* const* x,
                double* const* out) const override {
    for (std::size_t i = 0; i < n; ++i) {
      const double at = std::exp(x[0][i]), q2 = std::exp(x[1][i]);
      out[0][i] = table_.x_position(at);
      out[1][i] = table_.q2_position(q2);
      const double alpha =
          alpha_em_ == Coupling::running ? qcd::running_alpha_em(q2) : qcd::alpha_em_zero;
      const double y = q2 / (at * s_minus_m2_);
      out[2][i] = y * y / (1 + (1 - y) * (1 - y));
      out[3][i] = std::log(at * q2 * qcd::cross_section(at, q2, y, 1, 0, alpha));
    }
  }

  void evaluate(std::size_t channel,
                std::span<const double> theta,
                std::size_t n,
                const double* const* f,
                double* log_sigma,
                double* const* slope) const override {
    const auto values =
        recent_.get(theta, [&] { return table_.at(all_values(theta), free_); });
    table_.evaluate(*values, channel, n, f[0], f[1], f[2], log_sigma, slope);
    for (std::size_t k = 0; slope && k < theta.size(); ++k)
      for (std::size_t i = 0; i < n; ++i)
        slope[k][i] = log_sigma[i] > 0 ? slope[k][i] / log_sigma[i] : 0;
    for (std::size_t i = 0; i < n; ++i) log_sigma[i] = std::max(log_sigma[i], 0.0);
    vmath::log(n, log_sigma, log_sigma);
    for (std::size_t i = 0; i < n; ++i) log_sigma[i] += f[3][i];
  }

  /// At the initial scale, then at the further scales.
  std::vector<Curve> curves() const override {
    std::vector<Curve> out;
    for (std::size_t k = 0; k <= curve_q2_.size(); ++k) {
      out.push_back(curve("up_valence", k, {{{2, 1}, {-2, -1}}}));
      out.push_back(curve("down_valence", k, {{{1, 1}, {-1, -1}}}));
      out.push_back(curve("gluon", k, {{{0, 1}, {0, 0}}}));
      out.push_back(curve("anti_up", k, {{{-2, 1}, {0, 0}}}));
      // Functions: the whole sea is one.
      if (is_function(start_)) continue;
      out.push_back(curve("anti_down", k, {{{-1, 1}, {0, 0}}}));
      out.push_back(curve("strange", k, {{{3, 1}, {0, 0}}}));
    }
    // Heavy flavours where the settings say that they join on the way.
    for (std::size_t k = 1; k <= curve_q2_.size(); ++k)
      for (int h = drawn_->start_flavours() + 1; h <= drawn_->flavours(k - 1); ++h)
        out.push_back(curve(h == 4 ? "charm" : "bottom", k, {{{h, 1}, {0, 0}}}));
    return out;
  }

  /// That of the model's functions, for parameters that are free.
  std::vector<Constraint> prior() const override;

  void write(const DensitySet& set, const std::filesystem::path& folder) const override;

 private:
  using Parts = std::array<std::pair<int, double>, 2>;  // flavour and factor

  /// Densities and their derivatives at all scales: [1 + parameter, scale, flavour,
  /// node].
  using Drawn = std::vector<double>;

  void add_parameter(std::size_t k) {
    free_.push_back(k);
    const auto& p = table_.model().parameters()[k];
    parameters_.push_back({p.name, p.lo, p.hi, 0.5 * (p.lo + p.hi), "", p.about});
  }

  void add_channel(const Config& c, qcd::Target target) {
    const auto name = config::encode(target).scalar;
    const std::string suffix = c.targets.size() > 1 ? "_" + name.substr(0, 1) : "";
    channels_.push_back(
        {name,
         {{"ln_x" + suffix, "", std::log(c.x_min), std::log(c.x_max)},
          q2_axis("ln_Q2" + suffix, std::log(c.q2_min), std::log(c.q2_max))}});
  }

  /// With panels that end where a flavour joins.
  Axis q2_axis(const std::string& column, double lo, double hi) const {
    Axis axis{column, "", lo, hi};
    for (const double q2 : table_.thresholds()) axis.breaks.push_back(std::log(q2));
    if (axis.breaks.empty()) return axis;
    constexpr int parts = 10;
    axis.panels = axis.breaks;
    for (int i = 0; i <= parts; ++i)
      axis.panels.push_back(i == parts ? hi : lo + (hi - lo) * i / parts);
    std::ranges::sort(axis.panels);
    const auto [first, last] =
        std::ranges::unique(axis.panels, [](double a, double b) { return b - a < 1e-9; });
    axis.panels.erase(first, last);
    return axis;
  }

  std::vector<double> all_values(std::span<const double> theta) const {
    auto all = values_;
    for (std::size_t k = 0; k < free_.size(); ++k) all[free_[k]] = theta[k];
    return all;
  }

  Drawn draw(std::span<const double> theta) const;

  /// x f(x) at the initial scale (0) or a further one.
  Curve curve(const std::string& name, std::size_t scale, Parts parts) const;

  DisSettings config_;
  double s_minus_m2_;
  Coupling alpha_em_;
  Start start_;
  qcd::DisTable table_;
  std::vector<double> curve_q2_;           // ascending
  std::unique_ptr<qcd::Evolution> drawn_;  // to them
  std::vector<double> values_;             // of all parameters of the model
  std::vector<std::size_t> free_;          // indices of those of the theory
  std::vector<Parameter> parameters_;
  std::vector<Channel> channels_;
  mutable Recent<qcd::DisTable::Values> recent_;
  mutable Recent<Drawn> recent_drawn_;
};

std::vector<Constraint> Dis::prior() const {
  std::vector<Constraint> out;
  for (const auto& p : table_.model().prior()) {
    Constraint c;
    std::vector<std::size_t> from;  // in the prior
    for (std::size_t i = 0; i < free_.size(); ++i)
      if (free_[i] >= p.first && free_[i] < p.first + p.mean.size()) {
        c.parameters.push_back(i);
        from.push_back(free_[i] - p.first);
        c.values.push_back(p.mean[from.back()]);
      }
    c.covariance = Matrix(from.size(), from.size());
    for (std::size_t i = 0; i < from.size(); ++i)
      for (std::size_t j = 0; j < from.size(); ++j)
        c.covariance(i, j) = p.covariance(from[i], from[j]);
    if (!from.empty()) out.push_back(std::move(c));
  }
  return out;
}

void Dis::write(const DensitySet& set, const std::filesystem::path& folder) const {
  const qcd::Evolution evolution(
      qcd::lhapdf_evolution(evolution_of(config_), set.x_min, set.q_max_gev),
      config_.cache.file);
  const auto model = dis::make_model(config_, evolution.grid());
  const bool hessian = set.errors == SetErrors::hessian;
  qcd::LhapdfMembers members;
  if (!set.others.empty())
    members.kind = hessian ? qcd::MemberKind::hessian : qcd::MemberKind::replicas;
  members.estimate = all_values(set.estimate);
  for (const auto& theta : set.others) {
    auto all = hessian ? std::vector<double>(values_.size(), 0.0) : values_;
    for (std::size_t k = 0; k < free_.size(); ++k) all[free_[k]] = theta[k];
    members.others.push_back(std::move(all));
  }
  auto out = qcd::lhapdf_set(evolution, *model, members);
  out.info.set("SetDesc", fmt::format("{}. {}", set.about, fmt::join(set.notes, " ")));
  out.info.set("SetIndex", "-1");  // that of sets which are not in the public index
  out.info.set("Authors", fmt::format("made with Femtograph {}", build::version()));
  out.info.set("Reference", "none");
  out.info.set("DataVersion", "1");
  qcd::write_lhapdf_set(folder, set.name, std::move(out));
}

Dis::Drawn Dis::draw(std::span<const double> theta) const {
  const std::size_t size = qcd::flavour_rows * table_.evolution().grid().size();
  const std::size_t scales = 1 + curve_q2_.size(), all = values_.size();
  std::vector<double> at(size), slopes(all * size);
  table_.model().densities(all_values(theta), at);
  table_.model().jacobian(all_values(theta), slopes);
  Drawn out;
  out.reserve((1 + free_.size()) * scales * size);
  std::vector<double> evolved(curve_q2_.size() * size);
  const auto add = [&](std::span<const double> start) {
    out.insert(out.end(), start.begin(), start.end());
    if (!drawn_) return;
    drawn_->evolve(start, evolved);
    out.insert(out.end(), evolved.begin(), evolved.end());
  };
  add(at);
  for (const auto k : free_) add(std::span(slopes).subspan(k * size, size));
  return out;
}

Curve Dis::curve(const std::string& name, std::size_t scale, Parts parts) const {
  const auto& grid = table_.evolution().grid();
  const std::size_t nodes = grid.size(), size = qcd::flavour_rows * nodes;
  const std::size_t scales = 1 + curve_q2_.size();
  const auto at = [&grid, nodes, parts](std::span<const double> densities, double x) {
    double sum = 0;
    for (const auto& [flavour, factor] : parts)
      if (factor != 0)
        sum +=
            factor * grid.interpolate(
                         densities.subspan(qcd::flavour_row(flavour) * nodes, nodes), x);
    return sum;
  };
  /// [1 + parameter] of the function at one x.
  const auto all = [this, at, size, scales, scale](double x,
                                                   std::span<const double> theta) {
    const auto drawn = recent_drawn_.get(theta, [&] { return draw(theta); });
    std::vector<double> out;
    for (std::size_t k = 0; k <= free_.size(); ++k)
      out.push_back(at(std::span(*drawn).subspan((k * scales + scale) * size, size), x));
    return out;
  };
  return {
      .name = scale == 0 ? name : fmt::format("{}_at_{:g}", name, curve_q2_[scale - 1]),
      .x_label = "x",
      .y_label = "x f(x)",
      .lo = std::exp(channels_[0].axes[0].lo),
      .hi = 0.9,
      .value = [all](double x,
                     std::span<const double> theta) { return all(x, theta)[0]; },
      .gradient =
          [all](double x, std::span<const double> theta) {
            auto out = all(x, theta);
            out.erase(out.begin());
            return out;
          },
  };
}

}  // namespace

void register_theory_dis(Registry& r) {
  r.add<Theory, Dis>({
      .name = "dis",
      .summary = "Inclusive deep-inelastic scattering off protons, neutrons or deuterons "
                 "at LO or NLO, from parton densities at an initial scale.",
      .source = "Ellis:1996 chapter 4",
  });
}

}  // namespace femto
