// Settings of theory dis, their checks, and what is made of them.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "femto/config/decoder.h"
#include "femto/core/error.h"
#include "femto/qcd/dis_table.h"
#include "femto/qcd/duke_owens.h"
#include "femto/qcd/function_scale.h"
#include "femto/qcd/kinematics.h"
#include "femto/qcd/toy_input.h"

namespace femto {
namespace qcd {

constexpr std::array<std::pair<std::string_view, Target>, 3> names(Target) {
  return {{{"proton", Target::proton},
           {"neutron", Target::neutron},
           {"deuteron", Target::deuteron}}};
}

}  // namespace qcd

namespace dis {

using config::field;
using qcd::InitialScale;

enum class Coupling { constant, running };

constexpr std::array<std::pair<std::string_view, Coupling>, 2> names(Coupling) {
  return {{{"constant", Coupling::constant}, {"running", Coupling::running}}};
}

/// Whether the number of active flavours depends on the scale.
enum class Scheme { fixed, variable };

constexpr std::array<std::pair<std::string_view, Scheme>, 2> names(Scheme) {
  return {{{"fixed", Scheme::fixed}, {"variable", Scheme::variable}}};
}

/// Models of the densities at the initial scale.
enum class Start { powers, duke_owens, gaussian_process, network };

constexpr std::array<std::pair<std::string_view, Start>, 4> names(Start) {
  return {{{"powers", Start::powers},
           {"duke_owens", Start::duke_owens},
           {"gaussian_process", Start::gaussian_process},
           {"network", Start::network}}};
}

inline bool is_function(Start start) {
  return start == Start::gaussian_process || start == Start::network;
}

/// Of densities that are functions.
struct FunctionSettings {
  int nodes = 10, units = 5;
  double x_lo = 0.001, x_hi = 0.95, size = 0.5, length = 2.5;

  static constexpr auto fields() {
    using S = FunctionSettings;
    return std::tuple{
        field<&S::nodes>({.doc = "gaussian_process: points of x that are parameters",
                          .rule = config::between(2, 30)}),
        field<&S::units>({.doc = "network: units of the hidden layer",
                          .rule = config::between(1, 10)}),
        field<&S::x_lo>({.doc = "lowest point or place of a unit",
                         .rule = config::strictly_between(0, 1)}),
        field<&S::x_hi>({.doc = "highest one", .rule = config::strictly_between(0, 1)}),
        field<&S::size>({.doc =
                             "prior: standard deviation of ln(density/reference); of a "
                             "unit's weight in it for network",
                         .rule = config::positive}),
        field<&S::length>(
            {.doc = "prior: distance in ln(x/(1 - x)) over which functions change",
             .rule = config::positive}),
    };
  }
};

inline std::size_t index_of(const std::vector<qcd::StartParameter>& all,
                            const std::string& name) {
  return static_cast<std::size_t>(
      std::ranges::find(all, name, &qcd::StartParameter::name) - all.begin());
}

struct DisSettings {
  qcd::Order order = qcd::Order::nlo;
  std::vector<qcd::Target> targets = {qcd::Target::proton};
  double lepton_energy = 18, nucleon_energy = 275;
  double x_min = 0.005, x_max = 0.7, q2_min = 10, q2_max = 90;
  double y_min = 0, y_max = 0.95, w2_min = 4;
  double alpha_s = 0.35, alpha_s_q2 = 2, start_q2 = 2;
  Scheme scheme = Scheme::fixed;
  int flavours = 4;
  double charm_mass = 1.4, bottom_mass = 4.5;
  Coupling alpha_em = Coupling::running;
  Start densities = Start::powers;
  FunctionSettings functions;
  std::vector<std::string> free;
  std::map<std::string, double> values;
  std::vector<double> curve_q2;
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
        field<&S::scheme>(
            {.doc =
                 "of massless flavours. fixed: as many at every scale; variable: 3, and "
                 "charm and bottom from their masses on, where they begin at zero"}),
        field<&S::flavours>(
            {.doc = "fixed: active at every scale; charm and bottom start at zero",
             .rule = config::between(3, 5)}),
        field<&S::charm_mass>({.doc = "variable: charm is active from here on",
                               .unit = "GeV",
                               .rule = config::positive}),
        field<&S::bottom_mass>(
            {.doc = "variable: bottom is active from here on; above charm_mass",
             .unit = "GeV",
             .rule = config::positive}),
        field<&S::alpha_em>(
            {.doc = "electromagnetic coupling: 1/137.036, or running with Q2"}),
        field<&S::densities>(
            {.doc =
                 "model of the densities at start_q2. powers: x^a (1 - x)^b (1 + c "
                 "sqrt(x) + d x); duke_owens: a toy, from 10 GeV2; gaussian_process, "
                 "network: positive functions, powers times exp g(x) with a prior on g"}),
        field<&S::functions>({.doc = "of gaussian_process and network"}),
        field<&S::free>(
            {.doc = "parameters of the theory; none given: up_valence_a, up_valence_b, "
                    "gluon_a and anti_up_amplitude of powers, all of other models"}),
        field<&S::values>(
            {.doc = "values of the others, by name; default: the toy input. Functions: "
                    "of the powers that they multiply"}),
        field<&S::curve_q2>({.doc = "further scales at which the densities are drawn",
                             .unit = "GeV2",
                             .rule = config::positive}),
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
    if (scheme == Scheme::variable) check_masses(issues);
  }

 private:
  void check_cuts(config::Issues& issues) const;
  void check_masses(config::Issues& issues) const;
  void check_names(config::Issues& issues) const;
};

/// The toy input of powers, with the values that the settings give.
inline std::array<double, InitialScale::parameter_count> powers_of(const DisSettings& s) {
  auto out = qcd::les_houches_parameters();
  const auto& all = InitialScale(qcd::XGrid({})).parameters();
  for (const auto& [name, value] : s.values)
    if (const auto k = index_of(all, name); k < out.size()) out[k] = value;
  return out;
}

inline std::unique_ptr<qcd::StartModel> make_model(const DisSettings& s,
                                                   const qcd::XGrid& grid) {
  const auto& f = s.functions;
  switch (s.densities) {
    case Start::powers:
      return std::make_unique<InitialScale>(grid);
    case Start::duke_owens:
      return std::make_unique<qcd::DukeOwensStart>(grid, s.start_q2);
    case Start::gaussian_process:
      return std::make_unique<qcd::FunctionScale>(
          grid,
          powers_of(s),
          qcd::gaussian_process({f.nodes, f.x_lo, f.x_hi, f.size, f.length}));
    case Start::network:
      return std::make_unique<qcd::FunctionScale>(
          grid, powers_of(s), qcd::network({f.units, f.x_lo, f.x_hi, f.size, f.length}));
  }
  return nullptr;
}

/// A rectangle keeps the cuts if two of its corners do.
inline void DisSettings::check_cuts(config::Issues& issues) const {
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

/// Evolution goes down through no threshold: what a heavy flavour carries has no place
/// below.
inline void DisSettings::check_masses(config::Issues& issues) const {
  if (!(charm_mass < bottom_mass))
    issues.add(
        "bottom_mass",
        fmt::format("{} GeV is not above charm_mass = {} GeV", bottom_mass, charm_mass));
  for (const double mass : {charm_mass, bottom_mass}) {
    const auto check = [&](const char* setting, double q2) {
      if (start_q2 >= mass * mass && q2 < mass * mass)
        issues.add(setting,
                   fmt::format("{} GeV2 is below the squared mass of {:g} GeV, start_q2 "
                               "is above it",
                               q2,
                               mass),
                   "start below the mass, or stay above it");
    };
    check("q2_min", q2_min);
    for (const double q2 : curve_q2) check("curve_q2", q2);
  }
}

/// What is free: what the settings say, or the usual ones.
inline std::vector<std::string> free_names(const DisSettings& s,
                                           const std::vector<qcd::StartParameter>& all) {
  if (!s.free.empty()) return s.free;
  if (s.densities == Start::powers)
    return {"up_valence_a", "up_valence_b", "gluon_a", "anti_up_amplitude"};
  std::vector<std::string> out;
  for (const auto& p : all) out.push_back(p.name);
  return out;
}

inline void DisSettings::check_names(config::Issues& issues) const {
  const qcd::XGrid grid({.nodes = 10});
  std::vector<qcd::StartParameter> all;
  try {
    all = make_model(*this, grid)->parameters();
  } catch (const Error& error) {
    issues.add("densities", error.what(), error.hint());
    return;
  }
  const auto check = [&](const char* setting,
                         const std::string& name,
                         const std::vector<qcd::StartParameter>& known) {
    if (index_of(known, name) < known.size()) return;
    std::vector<std::string> others;
    for (const auto& p : known) others.push_back(p.name);
    issues.add(setting,
               fmt::format("there is no parameter '{}'", name),
               config::suggestion(name, others, "known"));
  };
  const auto moving = free_names(*this, all);
  for (const auto& name : moving) {
    check("free", name, all);
    if (std::ranges::count(moving, name) > 1)
      issues.add("free", fmt::format("'{}' is given twice", name));
    if (values.contains(name) && !is_function(densities))
      issues.add("values",
                 fmt::format("'{}' is free", name),
                 "use parameters." + name + ".start");
  }
  for (const auto& [name, value] : values)
    check("values", name, is_function(densities) ? InitialScale(grid).parameters() : all);
  const std::size_t count = free.empty() ? all.size() : free.size();
  if (count > qcd::DisTable::max_slopes)
    issues.add(
        "functions",
        fmt::format("make {} parameters (at most {})", count, qcd::DisTable::max_slopes));
  auto sorted = targets;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end())
    issues.add("targets", "a target is given twice");
}

inline qcd::EvolutionSettings evolution_of(const DisSettings& s) {
  constexpr double never = std::numeric_limits<double>::infinity();  // the top joins
  qcd::EvolutionSettings evolution;
  evolution.order = s.order;
  evolution.coupling = {
      .alpha = s.alpha_s,
      .mu2_gev2 = s.alpha_s_q2,
      .loops = s.order == qcd::Order::lo ? 1 : 2,
      .flavours = s.scheme == Scheme::fixed
                      ? qcd::FlavourScheme::fixed(s.flavours)
                      : qcd::FlavourScheme::variable(s.charm_mass, s.bottom_mass, never)};
  evolution.start_mu2_gev2 = s.start_q2;
  return evolution;
}

inline qcd::DisTable make_table(const DisSettings& s) {
  return {{s.x_min, s.x_max, s.q2_min, s.q2_max},
          evolution_of(s),
          [&s](const qcd::XGrid& grid) { return make_model(s, grid); },
          s.targets,
          s.cache.file};
}

}  // namespace dis
}  // namespace femto
