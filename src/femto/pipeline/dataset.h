// Measured events as a stream of chunks, kept in memory when they are small.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "femto/core/random.h"
#include "femto/io/events.h"
#include "femto/pipeline/constraints.h"
#include "femto/pipeline/experiment.h"

namespace femto {

/// What is known of the data before they are read.
struct SourceInfo {
  std::string label;  // path or description
  std::vector<std::string> columns;
  std::uint64_t rows = 0;
  std::string checksum;  // empty if there is none (generated data)
  bool exact = true;     // false: rows may be left out, `rows` is the most there can be
};

/// Rows [begin, end) of a data set.
struct RowRange {
  std::uint64_t begin = 0, end = 0;

  std::uint64_t size() const { return end - begin; }
};

/// Side information: explicit likelihood terms on the norms N_c and on parameters.
struct SideInformation {
  std::vector<double> norms;               // measured N_c; empty = none
  std::vector<double> norm_uncertainties;  // relative, one per channel
  std::vector<double> counts;              // Poisson counts n_c; empty = none
  double luminosity = 1;                   // n_c ~ Poisson(luminosity * lambda * N_c)
  double luminosity_uncertainty = 0;       // relative sd of lambda; 0 = exact, < 0 = free

  std::vector<Constraint> constraints;  // on parameters

  bool any() const { return !norms.empty() || !counts.empty() || !constraints.empty(); }
};

/// Chunks of events in order. `first` is the index of the chunk's first record.
using ChunkVisitor =
    std::function<void(std::uint64_t first, const io::EventTable& chunk)>;

/// Where events come from.
class Source {
 public:
  static constexpr std::string_view kind = "source";
  virtual ~Source() = default;

  /// Cheap look without reading the events: measured columns; throws DataError with file
  /// and reason.
  virtual SourceInfo inspect(const Experiment& experiment) const = 0;

  /// Norms and counts measured beside the shapes; throws Error if their number is not the
  /// channels'.
  virtual SideInformation side(const Experiment& experiment) const = 0;

  /// Reads every event once, in order; bad values follow the source's policy.
  virtual io::Dropped read(const Experiment& experiment,
                           const ChunkVisitor& visit) const = 0;

  /// The same for the rows of `range` among those that read() visits, whose `first` they
  /// keep. Sources that can begin in the middle do.
  virtual io::Dropped read_rows(const Experiment& experiment,
                                RowRange range,
                                const ChunkVisitor& visit) const;

  /// Whether several ranks may read a part each: all events have weight one.
  virtual bool can_be_spread() const { return false; }

  /// Bytes up to which a data set keeps the events in memory; beyond it reads them anew.
  virtual std::uint64_t memory_limit() const { return 1ull << 30; }
};

class Spread;

/// The events of one study. Columns are those that are measured, in their order. Weights
/// of the source, of either sign, are scaled so that their sum is the effective number of
/// events, (sum w)^2 / sum w^2: a likelihood of them then rises by 1/2 at one standard
/// deviation. Source: Kish:1965.
class Dataset {
 public:
  /// Reads the source once; keeps the events when they need at most `memory_limit` bytes.
  /// Throws DataError if there are none or their weights sum to zero or less.
  Dataset(const Source& source,
          const Experiment& experiment,
          std::uint64_t memory_limit = 1ull << 30);

  /// The same for one of several ranks that hold a part of the events each; called on all
  /// of them. `memory_limit` is for all events together, so that what is kept does not
  /// depend on the number of ranks. Events must have weight one.
  Dataset(const Source& source,
          const Experiment& experiment,
          std::uint64_t memory_limit,
          const Spread& spread);

  /// A data set made elsewhere (toys).
  explicit Dataset(io::EventTable events);

  /// Of all ranks together.
  std::uint64_t rows() const { return rows_; }

  /// Events that the rows are worth: all, or the effective number of weighted ones.
  std::uint64_t records() const { return records_; }

  /// What the weights cost, in a sentence; empty if there are none.
  std::string weight_note() const;

  const SourceInfo& info() const { return info_; }

  const io::Dropped& dropped() const { return dropped_; }

  /// All events. Throws Bug if they are spread over ranks.
  void for_each_chunk(const ChunkVisitor& visit) const;

  /// All events, if they are in memory; null otherwise, or if they are spread over ranks.
  const io::EventTable* table() const { return spread_ ? nullptr : table_.get(); }

  /// How the events are spread over ranks; null: all are here.
  const Spread* spread() const { return spread_; }

  /// Whether all events are in memory, here or on the ranks that hold them.
  bool in_memory() const { return in_memory_; }

  /// The rows of this rank: all, unless they are spread.
  RowRange own() const { return own_; }

  void for_each_own_chunk(const ChunkVisitor& visit) const;

  /// This rank's events in memory; null if there are none.
  const io::EventTable* own_table() const { return table_.get(); }

 private:
  const Source* source_ = nullptr;
  const Experiment* experiment_ = nullptr;
  SourceInfo info_;
  io::Dropped dropped_;
  const Spread* spread_ = nullptr;
  RowRange own_;
  bool in_memory_ = true;
  std::uint64_t rows_ = 0, records_ = 0;
  double scale_ = 1;    // of weights
  double largest_ = 0;  // scaled weight; 0 without weights
  std::unique_ptr<io::EventTable> table_;
};

/// Poisson(1) bootstrap weights keyed by (seed, replica, event); replica 0 = the data as
/// they are.
struct Weighting {
  std::uint64_t seed = 0;
  std::uint64_t replica = 0;

  double weight(std::uint64_t event) const;

  /// weights[i] = weight(first + i) times the chunk's own weights, if it has any.
  void fill(std::uint64_t first,
            std::span<const double> own,
            std::span<double> weights) const;
};

}  // namespace femto
