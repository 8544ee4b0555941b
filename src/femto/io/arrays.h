// Named arrays of a run (curves, samples, histograms) in one HDF5 file.
#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace femto::io {

/// One array; `dims` names each axis of `shape`; values in C order.
struct Array {
  std::string name;  ///< "bands/u/value"; the parts are groups
  std::vector<std::size_t> shape;
  std::vector<double> values;
  std::string unit = "1";
  std::vector<std::string> dims;
  std::string about;  ///< one sentence

  bool operator==(const Array&) const = default;
};

/// Writes all arrays, replacing the file atomically. Every dataset gets the attributes
/// `unit`, `dims` and `about`. Throws Error if it cannot be written; Bug if a shape does
/// not fit its values or dims, or a name is used twice.
void write_arrays(const std::filesystem::path& path, std::span<const Array> arrays);

/// All arrays, ordered by name. Throws DataError.
std::vector<Array> read_arrays(const std::filesystem::path& path);

}  // namespace femto::io
