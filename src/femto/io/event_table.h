// A table of events: named columns of doubles, each contiguous, and perhaps a weight.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace femto::io {

struct Column {
  std::string name;
  std::string unit = "1";  ///< "1" is dimensionless

  bool operator==(const Column&) const = default;
};

enum class Weighted { no, yes };

/// [row, column] doubles stored column by column.
class EventTable {
 public:
  EventTable() = default;
  explicit EventTable(std::vector<Column> columns,
                      std::size_t rows = 0,
                      Weighted weighted = Weighted::no);

  const std::vector<Column>& columns() const { return columns_; }

  std::size_t rows() const { return rows_; }

  bool weighted() const { return weighted_ == Weighted::yes; }

  /// Position of a column, or nothing.
  std::optional<std::size_t> find(std::string_view name) const;

  /// The values of column i: [row].
  std::span<const double> column(std::size_t i) const { return values_.at(i); }

  std::span<double> column(std::size_t i) { return values_.at(i); }

  /// The values of the column called `name`: [row]. Throws DataError with a did-you-mean.
  std::span<const double> column(std::string_view name) const;

  /// [row], or empty without weights.
  std::span<const double> weights() const { return weights_; }

  std::span<double> weights() { return weights_; }

  /// Keeps the first rows; new rows are 0 with weight 1.
  void resize(std::size_t rows);
  void reserve(std::size_t rows);

  /// Adds the rows of a table with as many columns and weights alike.
  void append(const EventTable& more);

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<double>> values_;
  std::vector<double> weights_;
  std::size_t rows_ = 0;
  Weighted weighted_ = Weighted::no;
};

}  // namespace femto::io
