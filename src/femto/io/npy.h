// NumPy's .npy arrays: header and values, from any source of bytes.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "femto/io/bytes.h"
#include "femto/io/events.h"

namespace femto::io {

enum class Order { c, fortran };

/// One number of a record: 'f', 'i' or 'u' of 1 to 8 bytes at `offset`.
struct NpyField {
  std::string name;  ///< empty in an array without fields
  char kind = 'f';
  std::size_t bytes = 8;
  bool big_endian = false;
  std::size_t offset = 0;
};

/// The header of format 1, 2 or 3.
/// Source: NumPy, numpy.lib.format (NEP 1).
struct NpyHeader {
  std::vector<NpyField> fields;  ///< of one record; exactly one if there are no names
  std::size_t record_bytes = 0;
  std::vector<std::uint64_t> shape;
  Order order = Order::c;
  std::uint64_t data_offset = 0;
  std::string dtype;  ///< for people
};

/// Throws DataError beginning with `where` for a corrupt header or types that are not
/// real numbers.
NpyHeader read_npy_header(ByteSource& bytes, const std::string& where);

/// A one- or two-dimensional array as columns: [row] or [row, column] or records.
class NpyColumns {
 public:
  /// Checks header, shape and size. `where` begins every message.
  NpyColumns(OpenBytes open, std::string where);

  std::uint64_t rows() const { return header_.shape[0]; }

  std::size_t columns() const { return columns_.size(); }

  const NpyHeader& header() const { return header_; }

  /// Names of the fields; empty without.
  std::vector<Column> named_columns() const;

  /// Rows [first, first + count) of the columns `which` into out[k].
  void read(std::uint64_t first,
            std::size_t count,
            std::span<const std::size_t> which,
            std::span<double* const> out);

 private:
  void check_shape() const;
  void check_size(std::uint64_t available) const;
  void read_rows(std::uint64_t first,
                 std::size_t count,
                 std::span<const std::size_t> which,
                 std::span<double* const> out);

  OpenBytes open_;
  std::string where_;
  NpyHeader header_;
  std::vector<NpyField> columns_;
  std::size_t row_bytes_ = 0;                         ///< of a C-order row
  std::vector<std::unique_ptr<ByteSource>> sources_;  ///< one, or one per Fortran column
  std::vector<char> buffer_;
};

}  // namespace femto::io
