// Unfolding of events: weights for simulated events that make them look like the data.
#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/pipeline/ratio.h"
#include "femto/pipeline/sample.h"

namespace femto {

/// Bins along one axis, [edge]; the first and the last bin take what lies beyond.
using Edges = std::vector<double>;

/// The bin of x.
std::size_t bin_of(const Edges& edges, double x);

/// `bins` equal bins between the quantiles `tail` and 1 - `tail` of the values.
Edges edges_of(std::span<const double> values, std::size_t bins, double tail = 0.001);

/// How a response may change: measured minus true value of one pair of columns.
enum class Change {
  width,   // its standard deviation is the nuisance parameter
  offset,  // the nuisance parameter is added to it
};

constexpr std::array<std::pair<std::string_view, Change>, 2> names(Change) {
  return {{{"width", Change::width}, {"offset", Change::offset}}};
}

/// A nuisance parameter of the response. Simulated events are moved, not weighted: the
/// residual r = measured - true becomes r theta / sd(r), or r + theta. Its shape counts
/// as Gaussian where the parameter is fitted.
struct ResponseNuisance {
  std::string name;
  std::size_t measured = 0, truth = 0;  // columns
  Change change = Change::width;
  std::optional<double> fixed;  // none: fitted
  /// Side information: value and standard deviation; sd 0: none.
  double value = 0, sd = 0;
};

struct UnfoldingOptions {
  const RatioEstimator* measured_ratio = nullptr;  // step 1
  const RatioEstimator* truth_ratio = nullptr;     // step 2
  int iterations = 5;
  /// Stops when the unfolded bins change by less than this many of their Poisson errors
  /// (root mean square); 0: never.
  double stop_below = 0;
  /// Factor on the weights of the simulation that makes its exposure that of the data;
  /// none: as many measured events as in the data. Matters for fakes alone.
  std::optional<double> exposure;
  std::optional<ResponseNuisance> nuisance;
  std::vector<Edges> truth_bins;     // [truth column]
  std::vector<Edges> measured_bins;  // [measured column], for the test of fit
  std::uint64_t seed = 1, replica = 0;
  std::function<void(const struct Iterate&)> watch;
};

/// What is known after one iteration.
struct Iterate {
  int number = 0;
  std::vector<double> mean, sd;  // [truth column] of the unfolded events
  double total = 0;              // unfolded events
  double chi2 = 0, ndf = 0;      // data against folded simulation, before this iteration
  double ess = 0;                // effective number of simulated events
  double largest = 0;            // weight, relative to the mean
  double change = 0;             // of the bins, see UnfoldingOptions::stop_below
  std::optional<double> nuisance;
};

struct Unfolding {
  std::vector<double> weight;  // [event]: total weight of a generated event, 0 for fakes
  std::vector<std::vector<double>> bins;    // [truth column][bin]
  std::vector<std::vector<double>> folded;  // [measured column][bin]
  std::vector<Iterate> iterates;
  double chi2 = 0, ndf = 0;  // of data against the folded result
  std::optional<double> nuisance;
  bool stopped = false;  // by stop_below
};

/// The EM iteration on events. Step 1 learns the ratio of data to weighted detected
/// simulation at measured level; step 2 learns its mean given the truth on detected
/// events, relative to the generator, and gives it to all events at that truth, missed
/// ones too. So the fixed point is right for any efficiency. Fakes enter step 1 with
/// their own weight.
/// Source: Andreassen:2020 equations 5 to 8; DAgostini:1995 (the same on bins);
/// Chan:2023 (nuisance parameters).
Unfolding unfold(const PairedEvents& simulation,
                 const PairedEvents& data,
                 const UnfoldingOptions& options);

/// What makes an unfolding impossible, as DataError by name: no event survives, weights
/// that sum to zero or less, data outside the simulated range (more than `outside` of
/// them), truth without efficiency. Returns warnings about less.
std::vector<std::string> check_unfolding(const PairedEvents& simulation,
                                         const PairedEvents& data,
                                         const std::vector<std::string>& truth_names,
                                         const std::vector<std::string>& measured_names,
                                         const UnfoldingOptions& options,
                                         double outside = 0.001);

enum class Vary { data, simulation, both };

constexpr std::array<std::pair<std::string_view, Vary>, 3> names(Vary) {
  return {{{"data", Vary::data}, {"simulation", Vary::simulation}, {"both", Vary::both}}};
}

/// The same unfolding of Poisson(1) bootstrap samples, keyed by (seed, replica, event).
struct Replicas {
  std::vector<std::vector<double>> bins;     // [replica][bin], truth columns in turn
  std::vector<std::vector<double>> moments;  // [replica][mean, sd of each, nuisance]
  std::vector<std::vector<double>> weights;  // [replica][event], if they are kept
};

enum class KeepWeights { no, yes };

Replicas bootstrap(const PairedEvents& simulation,
                   const PairedEvents& data,
                   const UnfoldingOptions& options,
                   std::size_t replicas,
                   Vary vary,
                   KeepWeights keep = KeepWeights::no,
                   const std::function<void(std::size_t done)>& progress = {});

}  // namespace femto
