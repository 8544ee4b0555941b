// Which rows of an event file are kept, by an expression over its columns.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "femto/io/events.h"
#include "femto/io/expression.h"

namespace femto::io {

/// ReadOptions::where at work on the chunks of one file.
class RowSelection {
 public:
  /// Throws Error if the expression cannot be read or names a column that is not there.
  RowSelection(const std::filesystem::path& path, ReadOptions options);

  /// What to read: the columns wanted, then those that only the expression needs.
  const ReadOptions& options() const { return options_; }

  /// The columns wanted.
  const std::vector<Column>& columns() const { return columns_; }

  /// Leaves the rows kept and the columns wanted of a chunk that begins at row `first` of
  /// the file; rows receives where the rows left stand in the file.
  void apply(EventTable& chunk,
             std::uint64_t first,
             std::vector<std::uint64_t>& rows) const;

 private:
  ReadOptions options_;
  std::vector<Column> columns_;
  std::optional<Expression> keep_;
  std::vector<std::size_t> places_;  // [column of the file] among those read
};

}  // namespace femto::io
