// A study of `femto unfold`: every setting, declared once.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "femto/config/registry.h"
#include "femto/pipeline/unfolding.h"

namespace femto {

/// A number of the response that is not known.
struct NuisanceSettings {
  std::string name = "theta";
  std::string measured, truth;
  Change change = Change::width;
  std::optional<double> fixed;
  double value = 0, sd = 0;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field<&NuisanceSettings::name>(
            {.doc = "what it is called", .rule = config::not_empty}),
        field<&NuisanceSettings::measured>({.doc = "measured column that it moves",
                                            .rule = config::not_empty,
                                            .required = true}),
        field<&NuisanceSettings::truth>(
            {.doc = "true column that the measured one is a smeared copy of",
             .rule = config::not_empty,
             .required = true}),
        field<&NuisanceSettings::change>(
            {.doc = "width: it is the standard deviation of measured minus true value; "
                    "offset: it is added to the measured value"}),
        field<&NuisanceSettings::fixed>(
            {.doc = "hold it at this value; none: it is fitted"}),
        field<&NuisanceSettings::value>({.doc = "what is known of it from elsewhere"}),
        field<&NuisanceSettings::sd>(
            {.doc = "standard deviation of that; 0: nothing is known",
             .rule = config::at_least_zero}),
    };
  }
};

struct BootstrapSettings {
  int replicas = 50;
  Vary vary = Vary::both;
  bool keep_weights = false;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field<&BootstrapSettings::replicas>(
            {.doc = "Poisson bootstrap samples that are unfolded for errors and "
                    "covariance; 0: no errors",
             .rule = config::at_least_zero}),
        field<&BootstrapSettings::vary>(
            {.doc = "which events are drawn anew: data, simulation or both"}),
        field<&BootstrapSettings::keep_weights>(
            {.doc = "write the event weights of every replica, which give the covariance "
                    "of any two events or histograms (large)"}),
    };
  }

  void check(config::Issues& issues) const {
    if (replicas == 1) issues.add("replicas", "one replica has no spread");
  }
};

struct UnfoldStudy {
  int femto = 1;
  std::string name;
  std::string about;
  std::uint64_t seed = 1;
  int threads = 0;
  Slot<SampleSource> data;
  Slot<SampleSource> simulation;
  std::vector<std::string> true_columns;
  std::vector<std::string> measured_columns;
  Slot<RatioEstimator> ratio{"histogram"};
  std::optional<Slot<RatioEstimator>> truth_ratio;
  int iterations = 20;
  double stop_below = 0.1;
  std::optional<double> exposure;
  int bins = 20;
  double outside = 0.001;
  std::optional<NuisanceSettings> nuisance;
  BootstrapSettings bootstrap;
  std::map<std::string, double> truth;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field<&UnfoldStudy::femto>(
            {.doc = "version of the study format", .rule = config::positive}),
        field<&UnfoldStudy::name>({.doc = "name of the study; default: the file's name"}),
        field<&UnfoldStudy::about>({.doc = "one sentence for the report"}),
        field<&UnfoldStudy::seed>({.doc = "key of every random number"}),
        field<&UnfoldStudy::threads>(
            {.doc = "threads to use; 0 = all cores this process may use. Results do not "
                    "depend on it",
             .rule = config::at_least_zero}),
        field<&UnfoldStudy::data>({.doc = "measured events", .required = true}),
        field<&UnfoldStudy::simulation>(
            {.doc = "simulated events, true and measured", .required = true}),
        field<&UnfoldStudy::true_columns>(
            {.doc = "columns to unfold", .rule = config::not_empty, .required = true}),
        field<&UnfoldStudy::measured_columns>({.doc = "columns that were measured",
                                               .rule = config::not_empty,
                                               .required = true}),
        field<&UnfoldStudy::ratio>({.doc = "how ratios of densities are learnt"}),
        field<&UnfoldStudy::truth_ratio>(
            {.doc = "the same for the truth; default: as `ratio`"}),
        field<&UnfoldStudy::iterations>(
            {.doc = "most iterations; their number is the regulariser",
             .rule = config::positive}),
        field<&UnfoldStudy::stop_below>(
            {.doc = "stop when an iteration changes the unfolded bins by less than this "
                    "many of their Poisson errors (root mean square); 0: never",
             .rule = config::at_least_zero}),
        field<&UnfoldStudy::exposure>(
            {.doc =
                 "factor on simulated weights that makes their exposure that of the "
                 "data; none: as many measured events as data. Matters for fakes alone",
             .rule = config::positive}),
        field<&UnfoldStudy::bins>(
            {.doc = "bins of each histogram in the result; they do not change weights",
             .rule = config::positive}),
        field<&UnfoldStudy::outside>(
            {.doc =
                 "largest share of the data outside the simulated range that is only a "
                 "warning",
             .rule = config::fraction}),
        field<&UnfoldStudy::nuisance>({.doc = "a number of the response that is fitted"}),
        field<&UnfoldStudy::bootstrap>({.doc = "errors and covariance"}),
        field<&UnfoldStudy::truth>(
            {.doc =
                 "true values where they are known, by name (\"mean x\", \"sd x\", the "
                 "nuisance parameter); read by the report alone"}),
    };
  }
};

}  // namespace femto
