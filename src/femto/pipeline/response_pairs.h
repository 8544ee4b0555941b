// Simulated pairs of true and measured values of one column, as responses learn from
// them.
#pragma once
#include <string>
#include <vector>

#include "femto/config/path.h"
#include "femto/core/random.h"
#include "femto/physics/migration.h"

namespace femto {

/// Where the pairs of one column are.
struct PairsFile {
  config::Path file;
  std::string dataset;
  std::string truth, measured, detected;  // columns; empty: from the column's name, none
};

struct ResponsePairs {
  std::vector<double> truth, measured;  // measured: NaN where the event was lost
};

/// All pairs of `column`. Throws Error with the row of a value that is not finite, and
/// DataError if the file lacks a column.
ResponsePairs read_pairs(const PairsFile& from, const std::string& column);

/// Pairs, counted.
struct PairCounts {
  std::vector<double> from, to;             // edges
  std::vector<std::vector<double>> counts;  // [true bin][measured bin]
  std::vector<double> all;                  // [true bin], lost ones too

  Migration migration() const { return {from, to, counts, all, MeasuredShape::smooth}; }

  /// As many pairs, drawn anew from these: each counts Poisson(1) times. A true bin that
  /// would lose all its pairs keeps them.
  PairCounts resampled(const random::Stream& stream) const;
};

/// Who asks for counts, for errors.
struct CountedPairs {
  std::string file, column, hint;  // hint: what to do about an empty bin
};

/// Pairs in the bins `from` of true and `to` of measured values. Throws Error with the
/// bin if there is a true one without pairs.
PairCounts counted(const ResponsePairs& pairs,
                   const std::vector<double>& from,
                   const std::vector<double>& to,
                   const CountedPairs& who);

}  // namespace femto
