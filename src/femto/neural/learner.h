// From simulation and data to learned ratios, once for all that ask for the same.
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <tuple>
#include <vector>

#include "femto/config/field.h"
#include "femto/neural/learned.h"

namespace femto::neural {

/// Settings that all learned objectives have.
struct LearnerSettings {
  std::vector<int> hidden = {32, 32};
  int rank = 8;
  int members = 2;
  int steps = 300;
  double learning_rate = 5e-3;
  std::uint64_t records = 1 << 19;
  double reference = 10;
  double radius = 5;
  int starts = 2;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field<&LearnerSettings::hidden>(
            {.doc = "units of the hidden layers", .rule = config::not_empty}),
        field<&LearnerSettings::rank>(
            {.doc = "products of a function of the event and one of the parameters that "
                    "are summed while hidden layers are trained",
             .rule = config::between(1, 16)}),
        field<&LearnerSettings::members>(
            {.doc = "networks that are averaged; their spread is part of the errors",
             .rule = config::between(1, 10)}),
        field<&LearnerSettings::steps>(
            {.doc = "steps of training of the hidden layers, of 16,384 records each",
             .rule = config::positive}),
        field<&LearnerSettings::learning_rate>(
            {.doc = "of Adam at the start; falls to zero along a cosine",
             .rule = config::positive}),
        field<&LearnerSettings::records>(
            {.doc = "simulated records to learn from; at least 16,384",
             .rule = config::positive}),
        field<&LearnerSettings::reference>(
            {.doc = "simulated records that normalise the density, in units of the "
                    "data's; at least 100,000 and at most 4 million in all",
             .rule = config::positive}),
        field<&LearnerSettings::radius>(
            {.doc = "standard deviations around a rough fit that are explored",
             .rule = config::positive}),
        field<&LearnerSettings::starts>(
            {.doc = "starts of the rough fit: that of the parameters, then random points",
             .rule = config::positive}),
    };
  }
};

/// Trains networks around the point where simulation resembles the data. Keeps what it
/// trained for each data set (of equal columns, whatever its bootstrap weights). Thread
/// safe.
class Learner {
 public:
  Learner(LearnerSettings settings, RatioLoss loss, int points);

  /// Null if nothing may be simulated.
  std::unique_ptr<Criterion> bind(const Material& material) const;

  /// What is learned for these data.
  std::shared_ptr<const Learned> learned_from(const Material& material) const;

 private:
  struct Kept {
    std::uint64_t data;
    std::shared_ptr<const Learned> learned;
  };

  Learned train(const Material& material) const;

  LearnerSettings settings_;
  RatioLoss loss_;
  int points_;
  mutable std::mutex mutex_;
  mutable std::vector<Kept> kept_;
};

}  // namespace femto::neural
