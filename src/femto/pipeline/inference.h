// From a fit to what may be said: identifiability, errors, floors and intervals.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "femto/io/arrays.h"
#include "femto/pipeline/origin.h"
#include "femto/pipeline/study.h"

namespace femto {

/// A direction in parameter space as a named combination, normalised to unit length in
/// the parameter basis, largest coefficient positive.
struct Direction {
  double eigenvalue = 0;  // of the information per record in the identifiable coordinates
  std::vector<std::pair<std::string, double>> combination;
  double sd =
      0;  // of the combination at the given number of records; 0 for null directions
};

/// What the data can and cannot determine, before any fit.
struct Identifiability {
  std::vector<double> at;  // [parameter] where it was evaluated
  double records = 0;
  int rank = 0;
  int n_parameters = 0;  // free ones
  /// Of the information per record in reduced coordinates, ascending. These are the free
  /// parameters that no null direction moves, then derived quantities that the data
  /// determine, then unit combinations of parameters across the null directions.
  std::vector<double> eigenvalues;
  std::vector<std::string> coordinates;        // names of the reduced coordinates
  std::vector<double> eigenvalues_parameters;  // the same in the parameter basis
  std::vector<Direction> null_directions;
  std::vector<Direction> sloppy_directions;
  double n_lambda_min = 0;       // records times the smallest non-null eigenvalue
  std::vector<bool> identified;  // [parameter]
  std::vector<double>
      floors;  // [parameter] Cramer-Rao sd at `records`; NaN where not identified
  std::vector<bool> derived_identified;
  std::vector<double> derived_floors;
  Origin origin;                       // of what is determined
  std::vector<std::string> sentences;  // the same in words
};

Identifiability identify(const Density& density,
                         const SideInformation& side,
                         const ParameterSetup& setup,
                         std::span<const double> theta,
                         double records);

nlohmann::ordered_json to_json(const Identifiability& identifiability,
                               const Theory& theory);

/// Records needed until the floor of one parameter, or of derived quantity
/// `parameter - parameters`, is `target_sd`; infinite where not identified. Side
/// information is taken to grow with the records.
double records_for(const Identifiability& identifiability,
                   std::size_t parameter,
                   double target_sd);

struct Amortised;

struct InferenceOptions {
  IntervalSettings intervals;
  std::vector<double> truth;             // [parameter] or empty
  const Amortised* amortised = nullptr;  // for that method
};

struct Inference {
  std::vector<double> theta;  // the estimate [parameter]
  Matrix covariance;          // [parameter, parameter]
  Identifiability identifiability;
  nlohmann::ordered_json parameters;  // as in result.json
  nlohmann::ordered_json derived;
  nlohmann::ordered_json posterior;  // how its draws were made; null if there are none
  double sampling_s = 0;             // time that they took
  std::vector<io::Array> arrays;
  std::vector<std::string> notes;
};

/// `task` holds the full data (weighting replica 0); `members` are one fit or an
/// ensemble's.
Inference infer(const Task& task,
                const std::vector<Fit>& members,
                bool bootstrapped,
                const InferenceOptions& options,
                Monitor& monitor);

}  // namespace femto
