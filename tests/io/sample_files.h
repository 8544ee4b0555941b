// Event files made byte by byte, independent of the writers under test.
#pragma once
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "femto/core/error.h"
#include "femto/io/events.h"

namespace femto::io::test {

/// A folder of its own, removed at the end.
class TempFolder {
 public:
  TempFolder() {
    std::string name = std::filesystem::temp_directory_path() / "femto-io-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }

  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  ~TempFolder() { std::filesystem::remove_all(path_); }

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

  std::filesystem::path put(const std::string& name, std::string_view bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return path_ / name;
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::filesystem::path reference(const std::string& name) {
  return std::filesystem::path(std::getenv("FEMTO_SOURCE_DIR")) / "tests/io/reference" /
         name;
}

/// The reference files hold i/8 + j/4 - 3 in row i, column j.
inline double reference_value(std::size_t i, std::size_t j) {
  return static_cast<double>(i) / 8 + static_cast<double>(j) / 4 - 3;
}

template <class T>
std::string raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof(T)};
}

template <class T>
std::string reversed(T value) {
  const auto bytes = raw(value);
  return {bytes.rbegin(), bytes.rend()};
}

/// An .npy file of any format version; `dict` as Python writes it.
inline std::string npy(std::string dict, std::string_view data, int version = 1) {
  while ((10 + dict.size() + 1) % 16 != 0) dict += ' ';
  dict += '\n';
  std::string out = "\x93NUMPY";
  out += static_cast<char>(version);
  out += '\0';
  out += version == 1 ? raw(static_cast<std::uint16_t>(dict.size()))
                      : raw(static_cast<std::uint32_t>(dict.size()));
  return out + dict + std::string(data);
}

inline std::string npy_dict(std::string_view descr,
                            std::string_view shape,
                            bool fortran = false) {
  return fmt::format("{{'descr': {}, 'fortran_order': {}, 'shape': {}, }}",
                     descr,
                     fortran ? "True" : "False",
                     shape);
}

/// float64, little-endian, C order.
inline std::string npy_doubles(std::string_view shape,
                               const std::vector<double>& values) {
  std::string data;
  for (const double v : values) data += raw(v);
  return npy(npy_dict("'<f8'", shape), data);
}

inline ReadOptions columns(std::vector<std::string> names, std::string weight = {}) {
  ReadOptions o;
  o.columns = std::move(names);
  o.weight = std::move(weight);
  return o;
}

inline ReadOptions expecting(std::vector<std::string> names, std::string weight = {}) {
  ReadOptions o;
  o.expected_columns = std::move(names);
  o.weight = std::move(weight);
  return o;
}

inline ReadOptions dataset(std::string name) {
  ReadOptions o;
  o.dataset = std::move(name);
  return o;
}

inline ReadOptions in_chunks(std::size_t rows) {
  ReadOptions o;
  o.chunk_rows = rows;
  return o;
}

inline ReadOptions unpacking_at_most(std::uint64_t bytes) {
  ReadOptions o;
  o.max_unpacked_bytes = bytes;
  return o;
}

/// Everything the reader gives, in chunks.
inline EventTable read_all(const std::filesystem::path& path,
                           const ReadOptions& options = {}) {
  const auto reader = open_events(path, options);
  EventTable chunk;
  EventTable all(
      reader->columns(), 0, options.weight.empty() ? Weighted::no : Weighted::yes);
  while (reader->next(chunk)) all.append(chunk);
  return all;
}

/// What reading says when it refuses with a DataError: message and hint. Empty, and the
/// test fails, if it does not.
inline std::string refusal(const std::filesystem::path& path,
                           const ReadOptions& options = {}) {
  try {
    read_all(path, options);
  } catch (const DataError& e) {
    EXPECT_EQ(e.code(), Exit::data);
    EXPECT_NE(std::string(e.what()).find(path.string()), std::string::npos)
        << "the file is not named: " << e.what();
    return std::string(e.what()) + "\n" + e.hint();
  }
  ADD_FAILURE() << path << " was read";
  return {};
}

/// Does the text contain every part?
inline testing::AssertionResult mentions(const std::string& text,
                                         const std::vector<std::string>& parts) {
  for (const auto& part : parts)
    if (text.find(part) == std::string::npos)
      return testing::AssertionFailure() << "'" << part << "' is not in: " << text;
  return testing::AssertionSuccess();
}

inline std::vector<double> values(std::span<const double> x) {
  return {x.begin(), x.end()};
}

}  // namespace femto::io::test
