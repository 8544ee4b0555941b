// A study file: every setting of a run, declared once.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "femto/config/registry.h"
#include "femto/pipeline/amortiser.h"
#include "femto/pipeline/analysis.h"
#include "femto/pipeline/solver.h"

namespace femto {

/// Changes to one parameter of the theory.
struct ParameterSettings {
  std::optional<double> min, max, start, fixed;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field<&ParameterSettings::min>({.doc = "lower end of the box"}),
        field<&ParameterSettings::max>({.doc = "upper end of the box"}),
        field<&ParameterSettings::start>({.doc = "where the first search starts"}),
        field<&ParameterSettings::fixed>({.doc = "hold the parameter at this value"}),
    };
  }
};

/// What is known of parameters from elsewhere.
struct ConstraintSettings {
  std::vector<std::string> parameters;
  std::vector<double> values;
  std::vector<double> sd;
  std::vector<std::vector<double>> correlation;
  ConstraintForm form = ConstraintForm::gaussian;
  double exposure = 1;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field<&ConstraintSettings::parameters>(
            {.doc = "names, of the theory or the detector",
             .rule = config::not_empty,
             .required = true}),
        field<&ConstraintSettings::values>(
            {.doc = "what was measured of each; a count for poisson", .required = true}),
        field<&ConstraintSettings::sd>(
            {.doc =
                 "standard deviation of each; relative for log_normal; not for poisson",
             .rule = config::positive}),
        field<&ConstraintSettings::correlation>(
            {.doc = "correlation matrix of the measurements; empty: independent"}),
        field<&ConstraintSettings::form>(
            {.doc = "gaussian, log_normal, or poisson: count ~ Poisson(exposure * "
                    "parameter)"}),
        field<&ConstraintSettings::exposure>(
            {.doc = "expected count per unit of the parameter (poisson)",
             .rule = config::positive}),
    };
  }
};

struct EnsembleSettings {
  int members = 1;
  bool bootstrap = false;
  std::optional<int> only;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field<&EnsembleSettings::members>(
            {.doc = "independent solutions with seeds of their own",
             .rule = config::positive}),
        field<&EnsembleSettings::bootstrap>(
            {.doc =
                 "give every member Poisson(1) bootstrap weights; false: members share the "
                 "data and their spread measures training noise only"}),
        field<&EnsembleSettings::only>(
            {.doc = "solve this member alone, counting from 0; it is the same as in the "
                    "whole ensemble",
             .rule = config::at_least_zero}),
    };
  }
};

enum class IntervalMethod { automatic, fisher, profile, posterior, amortised, none };

constexpr std::array<std::pair<std::string_view, IntervalMethod>, 6> names(
    IntervalMethod) {
  return {{{"auto", IntervalMethod::automatic},
           {"fisher", IntervalMethod::fisher},
           {"profile", IntervalMethod::profile},
           {"posterior", IntervalMethod::posterior},
           {"amortised", IntervalMethod::amortised},
           {"none", IntervalMethod::none}}};
}

struct IntervalSettings {
  IntervalMethod method = IntervalMethod::automatic;
  double switch_below = 25;
  int chains = 4, warmup = 1000, draws = 1000;
  double acceptance = 0.95;
  config::Path network;
  bool correct = true;
  int simulation_replicas = 50;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field<&IntervalSettings::method>(
            {.doc =
                 "how intervals are made; auto: Fisher, or profile likelihood when "
                 "n * lambda_min is small or the profile is visibly asymmetric; posterior: "
                 "draws of the parameters given the data, with a prior that is flat in "
                 "the box; amortised: the same from a density learnt beforehand "
                 "(amortiser)"}),
        field<&IntervalSettings::switch_below>(
            {.doc = "n * lambda_min below which auto uses the profile likelihood",
             .rule = config::at_least_zero}),
        field<&IntervalSettings::chains>({.doc = "posterior: independent chains of draws",
                                          .rule = config::at_least(2)}),
        field<&IntervalSettings::warmup>(
            {.doc = "posterior: iterations of each chain that only adapt the sampler",
             .rule = config::at_least_zero}),
        field<&IntervalSettings::draws>(
            {.doc = "posterior: draws of each chain", .rule = config::at_least(20)}),
        field<&IntervalSettings::acceptance>(
            {.doc = "posterior: acceptance probability that sets the length of steps; "
                    "nearer 1 is slower and has fewer divergences",
             .rule = config::strictly_between(0, 1)}),
        field<&IntervalSettings::network>(
            {.doc = "amortised: folder of an earlier run of the same problem whose "
                    "learnt posterior serves these data; empty: train"}),
        field<&IntervalSettings::correct>(
            {.doc = "amortised: weight the draws by the likelihood where the objective "
                    "is one"}),
        field<&IntervalSettings::simulation_replicas>(
            {.doc = "bootstrap samples of simulated events behind the detector, for what "
                    "their finite number adds to errors; 0: nothing is added",
             .rule = config::at_least_zero}),
    };
  }
};

struct CheckpointSettings {
  double seconds = 60;
  int every = 0;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field<&CheckpointSettings::seconds>(
            {.doc = "time between checkpoints", .unit = "s", .rule = config::positive}),
        field<&CheckpointSettings::every>(
            {.doc =
                 "safe points (iterations of a solver) between checkpoints; 0: by time "
                 "alone",
             .rule = config::at_least_zero}),
    };
  }
};

struct Study {
  int femto = 1;
  std::string name;
  std::string about;
  std::uint64_t seed = 1;
  int threads = 0;
  std::vector<config::Path> plugins;
  Slot<Source> data{"file"};
  Slot<Theory> theory;
  Slot<Sampler> sampler{"inverse_cdf"};
  Slot<Detector> detector{"identity"};
  Slot<Objective> objective{"likelihood"};
  std::optional<Slot<Generator>> generator;
  std::optional<Slot<Amortiser>> amortiser;
  Slot<Solver> solver{"fisher_scoring"};
  std::map<std::string, ParameterSettings> parameters;
  std::vector<ConstraintSettings> constraints;
  EnsembleSettings ensemble;
  IntervalSettings intervals;
  std::vector<Slot<Analysis>> analyses;
  std::map<std::string, double> truth;
  CheckpointSettings checkpoint;
  std::optional<Slot<Exchange>> exchange;
  RankSettings ranks;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field<&Study::femto>(
            {.doc = "version of the study format", .rule = config::positive}),
        field<&Study::name>({.doc = "name of the study; default: the file's name"}),
        field<&Study::about>({.doc = "one sentence for the report"}),
        field<&Study::seed>({.doc = "key of every random number"}),
        field<&Study::threads>(
            {.doc = "threads to use; 0 = all cores this process may use. Results do not "
                    "depend on it",
             .rule = config::at_least_zero}),
        field<&Study::plugins>(
            {.doc = "shared objects with components of your own, opened first"}),
        field<&Study::data>({.doc = "where the events come from", .required = true}),
        field<&Study::theory>(
            {.doc = "densities as functions of the parameters", .required = true}),
        field<&Study::sampler>({.doc = "how events are drawn from the densities"}),
        field<&Study::detector>({.doc = "how true events become measured ones"}),
        field<&Study::objective>({.doc = "how data and theory are compared"}),
        field<&Study::generator>(
            {.doc = "network that proposes parameters (adversarial solvers)"}),
        field<&Study::amortiser>(
            {.doc = "what learns the posterior of all data sets at once "
                    "(intervals.method amortised)"}),
        field<&Study::solver>({.doc = "how the parameters are found"}),
        field<&Study::parameters>({.doc = "changes to the theory's parameters, by name"}),
        field<&Study::constraints>(
            {.doc =
                 "what is known of parameters from elsewhere: terms of the likelihood"}),
        field<&Study::ensemble>({.doc = "several solutions instead of one"}),
        field<&Study::intervals>({.doc = "how intervals are made"}),
        field<&Study::analyses>({.doc = "what else to find out after the fit"}),
        field<&Study::truth>(
            {.doc = "true parameters, by name, where they are known; read by "
                    "identify, coverage and the report, never by a solver"}),
        field<&Study::checkpoint>({.doc = "how often the state is saved"}),
        field<&Study::exchange>(
            {.doc = "how ranks learn from each other that train one member together"}),
        field<&Study::ranks>({.doc = "how ranks share the work"}),
    };
  }
};

}  // namespace femto
