// Event files: reading in chunks, checking every value, and writing.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "femto/io/event_table.h"

namespace femto::io {

struct EventFileInfo {
  std::filesystem::path path;
  std::string format;   ///< "npy", "npz", "hdf5" or "csv", by content
  std::string dataset;  ///< array, dataset or group inside the file; empty for npy, csv
  std::uint64_t rows = 0;
  std::vector<Column> columns;  ///< all columns of the file, weight included
  std::string dtype;            ///< "float64 little-endian, C order", "text", ...
  std::uint64_t bytes = 0;      ///< size of the file
  std::string checksum;         ///< "xxh3:...", filled by inspect_events only
};

struct ReadOptions {
  /// Names to read, in this order; empty: all (without the weight) in file order.
  std::vector<std::string> columns;
  /// Names for a file that has none (npy, 2-D arrays), weight last; also the number of
  /// columns wanted from any file whose `columns` are not chosen. Empty: anything, called
  /// column1, column2, ...
  std::vector<std::string> expected_columns;
  /// Name of the weight column; empty: no weights. In a file without names a weight that
  /// is not among expected_columns is the last column.
  std::string weight;
  /// Rows to keep: an Expression over all columns of the file, not zero where true;
  /// empty: all. Applied before values are checked.
  std::string where;
  /// Array key (npz), dataset or group (HDF5); empty: the only one there is.
  std::string dataset;
  std::size_t chunk_rows = std::size_t{1} << 16;
  /// Rows of the file that for_each_chunk visits: [begin, end), cut to those there are.
  std::uint64_t begin = 0, end = std::numeric_limits<std::uint64_t>::max();
  /// A compressed array that claims to be larger than this unpacked is refused.
  std::uint64_t max_unpacked_bytes = std::uint64_t{64} << 30;
};

/// Reads one event file in order, in chunks of bounded memory.
class EventReader {
 public:
  virtual ~EventReader() = default;
  virtual const EventFileInfo& info() const = 0;

  /// The columns read, without the weight.
  virtual const std::vector<Column>& columns() const = 0;

  /// Fills `chunk` with up to chunk_rows further rows; false at the end (chunk is then
  /// empty). Values are as in the file, unchecked. Throws DataError.
  virtual bool next(EventTable& chunk) = 0;

  /// The next row to read, counting from 0; at most info().rows.
  virtual void seek(std::uint64_t row) = 0;
};

/// Opens a file of any supported format, recognised by its content. Everything that can
/// be wrong with names, shapes, types and sizes is found here. Throws DataError.
std::unique_ptr<EventReader> open_events(const std::filesystem::path& path,
                                         const ReadOptions& options = {});

/// What is in the file, with its checksum (reads the whole file once).
EventFileInfo inspect_events(const std::filesystem::path& path,
                             const ReadOptions& options = {});

/// Allowed values of one column, ends included.
struct Support {
  double lo = -std::numeric_limits<double>::infinity();
  double hi = std::numeric_limits<double>::infinity();
};

/// What to do with a row that has an invalid value.
enum class Invalid { error, drop };

enum class Reason { not_finite, below_support, above_support };

/// Rows left out under Invalid::drop: never silent, ask text().
struct Dropped {
  struct Entry {
    std::string column;
    Reason reason{};
    std::uint64_t values = 0;     ///< offending values (one row may have several)
    std::uint64_t first_row = 0;  ///< counting from 0
  };

  std::uint64_t rows_read = 0;
  std::uint64_t rows_cut = 0;      ///< by ReadOptions::where
  std::uint64_t rows_dropped = 0;  ///< of those left
  std::vector<Entry> entries;

  /// What was cut, then one line per column and reason; empty if nothing was.
  std::string text() const;
};

/// Called with each chunk of checked rows; they are rows [kept_before, kept_before +
/// rows) of what is kept.
using ChunkVisitor =
    std::function<void(const EventTable& chunk, std::uint64_t kept_before)>;

/// Visits the rows of the file that options.where keeps, in chunks. Values must be finite
/// and inside `supports` (one per column read, or empty: finite only), weights finite.
/// Invalid::error: DataError with file, row, column and value. Invalid::drop: the row is
/// left out and counted in `dropped`. No row left at all is an error. Returns the number
/// of rows kept.
std::uint64_t for_each_chunk(const std::filesystem::path& path,
                             const ReadOptions& options,
                             const std::vector<Support>& supports,
                             Invalid invalid,
                             Dropped* dropped,
                             const ChunkVisitor& visit);

/// The whole file in memory, checked in the same way.
EventTable load_events(const std::filesystem::path& path,
                       const ReadOptions& options = {},
                       const std::vector<Support>& supports = {},
                       Invalid invalid = Invalid::error,
                       Dropped* dropped = nullptr);

enum class Existing { refuse, overwrite };

struct WriteOptions {
  Existing existing = Existing::refuse;
  std::string dataset = "events";  ///< HDF5: group of the columns
  std::string weight = "weight";   ///< name of the weight column, if there are weights
  int deflate = 4;                 ///< npz, HDF5: 0 (none) to 9
};

/// Writes an event file piece by piece; the file appears at close(), complete, or never.
class EventWriter {
 public:
  virtual ~EventWriter() = default;
  virtual void append(const EventTable& chunk) = 0;
  virtual void close() = 0;
};

/// The format follows the extension: .npy (float64, C order, weights last), .npz (one
/// array per column), .h5/.hdf5 (one dataset per column with its unit), .csv (exact
/// doubles). Throws Error if the file exists (unless told to overwrite) or cannot be
/// written.
std::unique_ptr<EventWriter> create_events(const std::filesystem::path& path,
                                           std::vector<Column> columns,
                                           Weighted weighted = Weighted::no,
                                           const WriteOptions& options = {});

/// The whole table at once.
void write_events(const std::filesystem::path& path,
                  const EventTable& events,
                  const WriteOptions& options = {});

}  // namespace femto::io
