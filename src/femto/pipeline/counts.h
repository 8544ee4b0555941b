// Events counted in products of equal bins, wherever the events are.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "femto/pipeline/dataset.h"

namespace femto {

/// What becomes of an event outside the bins.
enum class Outside { refuse, leave_out, nearest_bin };

/// Equal bins over neighbouring columns of the data, as many on each.
struct EqualBins {
  std::size_t first_column = 0, per_axis = 1;
  std::vector<double> lo, hi;  // [axis]
  Outside outside = Outside::refuse;

  /// Over all axes of a channel.
  EqualBins(const std::vector<Axis>& axes,
            std::size_t first_column,
            std::size_t per_axis,
            Outside outside = Outside::refuse);
  EqualBins() = default;

  std::size_t bins() const;
};

struct Counts {
  std::vector<std::vector<double>> bins;  // [set][bin], the last axis runs fastest
  double events = 0, squares = 0;         // sums of weights and of their squares
};

/// Sum of weights in every bin of every set, in one pass over the data. Counts of events
/// of weight one are exact, so they are the same on any number of ranks. Throws DataError
/// with row and column of an event outside, where that is refused.
Counts counted(const Dataset& data,
               std::span<const EqualBins> sets,
               const Weighting& weighting = {});

/// The same for this rank's events alone, all sets in one array: what Topic::count
/// answers.
std::vector<double> own_counts(const Dataset& data, const std::vector<double>& numbers);

}  // namespace femto
