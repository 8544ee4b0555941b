// The gate of a run that claims intervals: toys say whether they hold what they promise.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "femto/pipeline/coverage.h"
#include "femto/stats/calibration.h"
#include "femto/stats/local_c2st.h"

namespace femto {

/// Where the truths of toys come from. prior: flat in the box, with the gauge at the
/// start, as the posterior has it. truth: the study's, moved by a jitter.
enum class Truths { prior, truth };

/// What a run found, for the local test at its data.
struct ObservedPosterior {
  std::vector<std::string> names;  // [quantity]: at least those that toys are judged on
  std::vector<double> values;      // estimates [quantity]
  Matrix draws;                    // [draw, quantity]
};

struct CalibrationOptions {
  int toys = 100;
  std::uint64_t records = 0;  // per toy
  Truths truths = Truths::prior;
  std::vector<double> truth;  // [parameter], for Truths::truth
  double jitter = 0.02;       // width of the moves, in widths of the box
  std::uint64_t seed = 1;
  IntervalSettings intervals;
  const Amortised* amortised = nullptr;          // for that method
  std::optional<ObservedPosterior> observed;     // of as many records as a toy
  std::function<void(int done)> progress;        // one call at a time
  std::function<void(const std::string&)> warn;  // e.g. that a rank was lost
  exchange::Communicator* group = nullptr;       // ranks that share the toys
};

/// One test of one quantity.
struct CalibrationTest {
  std::string name;  // "ranks", "PIT", "coverage 68 %", "coverage 95 %"
  double p = 1;
  bool passed = true;
};

struct CalibrationRow {
  std::string name;
  CoverageRow level68, level95;
  std::vector<double> shares;  // of the truth among the draws [toy]; posterior only
  std::optional<stats::Uniformity> ranks;
  std::vector<double> pits;  // [toy]; not of profiles
  std::optional<stats::Uniformity> pit;
  std::vector<CalibrationTest> tests;
  bool calibrated = true;
};

struct Calibration {
  std::string method;  // "posterior", "amortised", "profile", "fisher"
  Truths truths = Truths::prior;
  std::uint64_t records = 0;
  std::vector<CalibrationRow> rows;
  std::vector<double> distances;           // shares of distances [toy]; posterior only
  std::optional<stats::Uniformity> joint;  // of the distances
  bool joint_calibrated = true;
  std::optional<stats::LocalVerdict> everywhere;  // L-C2ST over all toys
  std::optional<stats::LocalVerdict> at_data;     // and at the data of a run
  bool local_calibrated = true;
  Coverage coverage;  // of everything that was made
  double level = 0;   // p-value below which a test fails

  bool calibrated() const;
};

/// Makes toys and judges the intervals that the study would quote. A test fails when its
/// p-value is below 1 % shared among all tests, so that intervals that are right fail
/// with at most that probability. Posterior: uniform ranks (Talts:2018), coverage of both
/// levels, uniform distances of all quantities together (Lemos:2023), and L-C2ST, whose
/// description of a toy's data are its estimates (Linhart:2023). Others: coverage; pulls
/// stand beside. All but profiles: uniform PIT values. Failed toys count as not covered.
/// Called by all ranks of the group; the verdict is that of rank 0, the others return
/// nothing. Throws Error where there is nothing to calibrate (method none).
Calibration calibrate(const Task& task,
                      const Solver& solver,
                      const CalibrationOptions& options);

nlohmann::ordered_json to_json(const Calibration& calibration);

/// Truths of toys [toy][parameter].
std::vector<std::vector<double>> drawn_truths(const Task& task,
                                              const CalibrationOptions& options);

}  // namespace femto
