// Inclusive deep-inelastic scattering: d2 sigma/(d ln x d ln Q2) from parton densities.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "femto/config/decoder.h"
#include "femto/config/registry.h"
#include "femto/core/recent.h"
#include "femto/core/vmath.h"
#include "femto/pipeline/theory.h"
#include "femto/qcd/alpha_em.h"
#include "femto/qcd/dis_table.h"
#include "femto/qcd/kinematics.h"
#include "femto/qcd/toy_input.h"

namespace femto {
namespace qcd {

constexpr std::array<std::pair<std::string_view, Order>, 2> names(Order) {
  return {{{"lo", Order::lo}, {"nlo", Order::nlo}}};
}

constexpr std::array<std::pair<std::string_view, Target>, 3> names(Target) {
  return {{{"proton", Target::proton},
           {"neutron", Target::neutron},
           {"deuteron", Target::deuteron}}};
}

}  // namespace qcd

namespace {

using config::field;
using qcd::InitialScale;

enum class Coupling { constant, running };

constexpr std::array<std::pair<std::string_view, Coupling>, 2> names(Coupling) {
  return {{{"constant", Coupling::constant}, {"running", Coupling::running}}};
}

constexpr std::size_t all_parameters = InitialScale::parameter_count;

/// Box of each parameter of InitialScale, in its order.
constexpr std::array<std::array<double, 2>, all_parameters> boxes = {{
    {0.3, 1.5},  {2, 5},      {-1, 4}, {-0.9, 8},             // up_valence
    {0.3, 1.5},  {2, 7},      {-1, 4}, {-0.9, 8},             // down_valence
    {-0.7, 0.8}, {2, 10},     {-1, 4}, {-0.9, 8},             // gluon
    {0, 0.6},    {-0.5, 0.5}, {4, 12}, {-1, 4},   {-0.9, 8},  // anti_up
    {0, 0.6},    {-0.5, 0.5}, {3, 10}, {-1, 4},   {-0.9, 8},  // anti_down
    {0, 0.3},    {-0.5, 0.5}, {3, 10}, {-1, 4},   {-0.9, 2},  // strange
}};

/// "up_valence_a" for "up_valence.a": a name in a study holds no dot.
const std::vector<std::string>& parameter_names() {
  static const auto all = [] {
    std::vector<std::string> out;
    for (const auto name : InitialScale::names()) {
      out.emplace_back(name);
      std::ranges::replace(out.back(), '.', '_');
    }
    return out;
  }();
  return all;
}

std::size_t index_of(const std::string& name) {
  const auto& all = parameter_names();
  return static_cast<std::size_t>(std::ranges::find(all, name) - all.begin());
}

struct DisSettings {
  qcd::Order order = qcd::Order::nlo;
  std::vector<qcd::Target> targets = {qcd::Target::proton};
  double lepton_energy = 18, nucleon_energy = 275;
  double x_min = 0.005, x_max = 0.7, q2_min = 10, q2_max = 90;
  double y_min = 0, y_max = 0.95, w2_min = 4;
  double alpha_s = 0.35, alpha_s_q2 = 2, start_q2 = 2;
  int flavours = 4;
  Coupling alpha_em = Coupling::running;
  std::vector<std::string> free = {
      "up_valence_a", "up_valence_b", "gluon_a", "anti_up_amplitude"};
  std::map<std::string, double> values;
  config::Path cache;

  static constexpr auto fields() {
    using S = DisSettings;
    return std::tuple{
        field<&S::order>({.doc = "of evolution and coefficient functions"}),
        field<&S::targets>({.doc = "one channel each; columns are ln_x and ln_Q2, with "
                                   "suffix _p, _n or _d if there are several",
                            .rule = config::not_empty}),
        field<&S::lepton_energy>(
            {.doc = "beam", .unit = "GeV", .rule = config::positive}),
        field<&S::nucleon_energy>(
            {.doc = "beam, per nucleon; its mass for a target at rest",
             .unit = "GeV",
             .rule = config::at_least(qcd::nucleon_mass_gev)}),
        field<&S::x_min>(
            {.doc = "window of the events", .rule = config::strictly_between(0, 1)}),
        field<&S::x_max>(
            {.doc = "window of the events", .rule = config::strictly_between(0, 1)}),
        field<&S::q2_min>(
            {.doc = "window of the events", .unit = "GeV2", .rule = config::at_least(1)}),
        field<&S::q2_max>(
            {.doc = "window of the events", .unit = "GeV2", .rule = config::at_least(1)}),
        field<&S::y_min>(
            {.doc = "cut that the window must keep", .rule = config::fraction}),
        field<&S::y_max>({.doc = "cut that the window must keep",
                          .rule = config::strictly_between(0, 1)}),
        field<&S::w2_min>({.doc = "cut that the window must keep",
                           .unit = "GeV2",
                           .rule = config::at_least_zero}),
        field<&S::alpha_s>(
            {.doc = "strong coupling at alpha_s_q2", .rule = config::positive}),
        field<&S::alpha_s_q2>(
            {.doc = "scale of alpha_s", .unit = "GeV2", .rule = config::positive}),
        field<&S::start_q2>({.doc = "scale at which the densities have their parameters",
                             .unit = "GeV2",
                             .rule = config::positive}),
        field<&S::flavours>(
            {.doc = "active at every scale; charm and bottom start at zero",
             .rule = config::between(3, 5)}),
        field<&S::alpha_em>(
            {.doc = "electromagnetic coupling: 1/137.036, or running with Q2"}),
        field<&S::free>({.doc = "parameters of the theory", .rule = config::not_empty}),
        field<&S::values>(
            {.doc = "values of the others, by name; default: the toy input"}),
        field<&S::cache>(
            {.doc = "folder that keeps evolution matrices; none: built anew"}),
    };
  }

  double s_minus_m2() const {
    const double m = qcd::nucleon_mass_gev;
    const double momentum = std::sqrt((nucleon_energy - m) * (nucleon_energy + m));
    return 2 * lepton_energy * (nucleon_energy + momentum);
  }

  void check(config::Issues& issues) const {
    if (!(x_min < x_max)) issues.add("x_max", "the window is empty (x_min < x_max)");
    if (!(q2_min < q2_max)) issues.add("q2_max", "the window is empty (q2_min < q2_max)");
    check_cuts(issues);
    check_names(issues);
  }

 private:
  void check_cuts(config::Issues& issues) const;
  void check_names(config::Issues& issues) const;
};

/// A rectangle keeps the cuts if two of its corners do.
void DisSettings::check_cuts(config::Issues& issues) const {
  const double s = s_minus_m2(), m2 = qcd::nucleon_mass_gev * qcd::nucleon_mass_gev;
  const double top = q2_max / (x_min * s), low = q2_min / (x_max * s);
  if (top > y_max)
    issues.add("x_min",
               fmt::format("the corner (x_min, q2_max) has y = {:.4g}, above y_max", top),
               fmt::format("x_min >= {:.4g} or q2_max <= {:.4g} keeps the cut",
                           q2_max / (y_max * s),
                           y_max * s * x_min));
  if (low < y_min)
    issues.add("x_max",
               fmt::format("the corner (x_max, q2_min) has y = {:.4g}, below y_min", low),
               fmt::format("x_max <= {:.4g} or q2_min >= {:.4g} keeps the cut",
                           q2_min / (y_min * s),
                           y_min * s * x_max));
  const double w2 = qcd::hadronic_mass2(x_max, q2_min);
  if (w2 < w2_min)
    issues.add(
        "x_max",
        fmt::format("the corner (x_max, q2_min) has W2 = {:.4g}, below w2_min", w2),
        fmt::format("x_max <= {:.4g} or q2_min >= {:.4g} keeps the cut",
                    q2_min / (q2_min + w2_min - m2),
                    (w2_min - m2) * x_max / (1 - x_max)));
}

void DisSettings::check_names(config::Issues& issues) const {
  const auto check = [&](const char* setting, const std::string& name) {
    if (index_of(name) == all_parameters)
      issues.add(setting,
                 fmt::format("there is no parameter '{}'", name),
                 config::suggestion(name, parameter_names(), "known"));
  };
  for (const auto& name : free) {
    check("free", name);
    if (std::ranges::count(free, name) > 1)
      issues.add("free", fmt::format("'{}' is given twice", name));
    if (values.contains(name))
      issues.add("values",
                 fmt::format("'{}' is free", name),
                 "use parameters." + name + ".start");
  }
  for (const auto& [name, value] : values) check("values", name);
  auto sorted = targets;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end())
    issues.add("targets", "a target is given twice");
}

qcd::DisTable make_table(const DisSettings& s) {
  qcd::EvolutionSettings evolution;
  evolution.order = s.order;
  evolution.coupling = {.alpha = s.alpha_s,
                        .mu2_gev2 = s.alpha_s_q2,
                        .loops = s.order == qcd::Order::lo ? 1 : 2,
                        .flavours = qcd::FlavourScheme::fixed(s.flavours)};
  evolution.start_mu2_gev2 = s.start_q2;
  return {{s.x_min, s.x_max, s.q2_min, s.q2_max},
          std::move(evolution),
          s.targets,
          s.cache.file};
}

class Dis final : public Theory {
 public:
  using Config = DisSettings;

  explicit Dis(const Config& config)
      : s_minus_m2_(config.s_minus_m2()),
        alpha_em_(config.alpha_em),
        table_(make_table(config)) {
    for (const auto& [name, value] : config.values) values_[index_of(name)] = value;
    for (const auto& name : config.free) add_parameter(name);
    for (const auto target : config.targets) add_channel(config, target);
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

  std::vector<Curve> curves() const override {
    return {curve("up_valence", {{{2, 1}, {-2, -1}}}),
            curve("down_valence", {{{1, 1}, {-1, -1}}}),
            curve("gluon", {{{0, 1}, {0, 0}}}),
            curve("anti_up", {{{-2, 1}, {0, 0}}}),
            curve("anti_down", {{{-1, 1}, {0, 0}}}),
            curve("strange", {{{3, 1}, {0, 0}}})};
  }

 private:
  using Parts = std::array<std::pair<int, double>, 2>;  // flavour and factor

  void add_parameter(const std::string& name) {
    const std::size_t k = index_of(name);
    free_.push_back(k);
    const auto [lo, hi] = boxes[k];
    parameters_.push_back(
        {name, lo, hi, 0.5 * (lo + hi), "", "of x f(x) at the initial scale"});
  }

  void add_channel(const Config& c, qcd::Target target) {
    const auto name = config::encode(target).scalar;
    const std::string suffix = c.targets.size() > 1 ? "_" + name.substr(0, 1) : "";
    channels_.push_back(
        {name,
         {{"ln_x" + suffix, "", std::log(c.x_min), std::log(c.x_max)},
          {"ln_Q2" + suffix, "", std::log(c.q2_min), std::log(c.q2_max)}}});
  }

  std::array<double, all_parameters> all_values(std::span<const double> theta) const {
    auto all = values_;
    for (std::size_t k = 0; k < free_.size(); ++k) all[free_[k]] = theta[k];
    return all;
  }

  /// x f(x) at the initial scale.
  Curve curve(const std::string& name, Parts parts) const;

  double s_minus_m2_;
  Coupling alpha_em_;
  qcd::DisTable table_;
  std::array<double, all_parameters> values_ = qcd::les_houches_parameters();
  std::vector<std::size_t> free_;  // indices in InitialScale
  std::vector<Parameter> parameters_;
  std::vector<Channel> channels_;
  mutable Recent<qcd::DisTable::Values> recent_;
};

Curve Dis::curve(const std::string& name, Parts parts) const {
  const auto& grid = table_.evolution().grid();
  const std::size_t nodes = grid.size(), size = qcd::flavour_rows * nodes;
  const auto at = [&grid, nodes, parts](std::span<const double> densities, double x) {
    double sum = 0;
    for (const auto& [flavour, factor] : parts)
      if (factor != 0)
        sum +=
            factor * grid.interpolate(
                         densities.subspan(qcd::flavour_row(flavour) * nodes, nodes), x);
    return sum;
  };
  return {
      .name = name,
      .x_label = "x",
      .y_label = "x f(x)",
      .lo = std::exp(channels_[0].axes[0].lo),
      .hi = 0.9,
      .value =
          [this, at, size](double x, std::span<const double> theta) {
            std::vector<double> densities(size);
            table_.initial_scale().densities(all_values(theta), densities);
            return at(densities, x);
          },
      .gradient =
          [this, at, size](double x, std::span<const double> theta) {
            std::vector<double> slopes(all_parameters * size);
            table_.initial_scale().jacobian(all_values(theta), slopes);
            std::vector<double> out;
            for (const auto k : free_)
              out.push_back(at(std::span(slopes).subspan(k * size, size), x));
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
