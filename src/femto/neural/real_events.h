// The data as a game needs them: random batches in network variables, and a held-out
// part.
#pragma once
#include <cstdint>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/neural/standardise.h"
#include "femto/neural/tensor.h"

namespace femto::neural {

struct RealEventsOptions {
  double held_out = 0.1;                // fraction kept from the training
  std::uint64_t max_rows = 20'000'000;  // larger data sets are thinned at random
  std::uint64_t part = 0, parts = 1;    // of the rows, to train on
};

/// Which events are held out and which are kept of a large set depends on (seed, event)
/// alone; weights enter as probabilities to be drawn. Held-out events have no bootstrap
/// weights.
class RealEvents {
 public:
  RealEvents(const Theory& theory,
             const Dataset& data,
             const Weighting& weighting,
             const Standardiser& standard,
             std::uint64_t seed,
             const RealEventsOptions& options);

  /// n events drawn with replacement, with probability proportional to their weight;
  /// event i of the batch uses index i of the stream. [n, column]
  Tensor batch(random::Stream stream, std::size_t n) const;

  /// Standardised events that batches never hold: [column, row].
  const Matrix& held_out() const { return held_out_; }

  std::size_t rows() const { return values_.size() / columns_; }

 private:
  void add(const std::vector<double>& event, double weight);
  std::size_t row_at(double u) const;

  std::size_t columns_;
  std::vector<float> values_;       // [row, column]
  std::vector<double> cumulative_;  // [row] of weights
  bool equal_ = true;               // all weights are 1: no search needed
  Matrix held_out_;
};

/// Largest weight of an event, 1 without weights. Throws DataError for negative weights,
/// which cannot be probabilities.
double largest_weight(const Dataset& data);

/// About n (or all, if there are fewer) standardised events, each at most once, chosen
/// with probability proportional to their weight by (seed, event): [column, row].
Matrix sample_of(const Theory& theory,
                 const Dataset& data,
                 const Standardiser& standard,
                 std::size_t n,
                 std::uint64_t seed);

}  // namespace femto::neural
