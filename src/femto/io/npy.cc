// NumPy's .npy arrays as columns, in C and Fortran order, of either byte order.
#include "femto/io/npy.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/io/table_file.h"

namespace femto::io {
namespace {

static_assert(std::endian::native == std::endian::little,
              "byte orders are told from here");

template <class T>
double load(const char* at, bool big_endian) {
  std::array<char, sizeof(T)> raw{};
  std::memcpy(raw.data(), at, sizeof(T));
  if (big_endian) std::reverse(raw.begin(), raw.end());
  T value{};
  std::memcpy(&value, raw.data(), sizeof(T));
  return static_cast<double>(value);
}

template <class T>
void convert(
    const char* from, std::size_t stride, bool big_endian, std::size_t n, double* out) {
  if (big_endian)
    for (std::size_t i = 0; i < n; ++i) out[i] = load<T>(from + i * stride, true);
  else
    for (std::size_t i = 0; i < n; ++i) out[i] = load<T>(from + i * stride, false);
}

/// n values of one field, `stride` bytes apart; integers above 2^53 are rounded to the
/// nearest double.
void decode(
    const NpyField& f, const char* from, std::size_t stride, std::size_t n, double* out) {
  const bool is_signed = f.kind == 'i';
  if (f.kind == 'f') {
    f.bytes == 8 ? convert<double>(from, stride, f.big_endian, n, out)
                 : convert<float>(from, stride, f.big_endian, n, out);
  } else if (f.bytes == 1) {
    is_signed ? convert<std::int8_t>(from, stride, f.big_endian, n, out)
              : convert<std::uint8_t>(from, stride, f.big_endian, n, out);
  } else if (f.bytes == 2) {
    is_signed ? convert<std::int16_t>(from, stride, f.big_endian, n, out)
              : convert<std::uint16_t>(from, stride, f.big_endian, n, out);
  } else if (f.bytes == 4) {
    is_signed ? convert<std::int32_t>(from, stride, f.big_endian, n, out)
              : convert<std::uint32_t>(from, stride, f.big_endian, n, out);
  } else {
    is_signed ? convert<std::int64_t>(from, stride, f.big_endian, n, out)
              : convert<std::uint64_t>(from, stride, f.big_endian, n, out);
  }
}

}  // namespace

NpyColumns::NpyColumns(OpenBytes open, std::string where)
    : open_(std::move(open)), where_(std::move(where)) {
  sources_.push_back(open_());
  header_ = read_npy_header(*sources_[0], where_);
  check_shape();
  const bool records = !header_.fields[0].name.empty();
  const std::uint64_t width = header_.shape.size() == 2 ? header_.shape[1] : 1;
  constexpr std::uint64_t widest = 1 << 16;
  if (width > widest)
    throw DataError(fmt::format("{}: {} columns are more than {}", where_, width, widest),
                    "is the array transposed? rows are events");
  check_size(sources_[0]->size());
  for (std::size_t i = 0; !records && i < width; ++i) {
    columns_.push_back(header_.fields[0]);
    columns_.back().offset = i * header_.record_bytes;
  }
  if (records) columns_ = header_.fields;
  row_bytes_ = header_.record_bytes * width;
  if (width == 1) header_.order = Order::c;
}

void NpyColumns::check_shape() const {
  const auto text = fmt::format("({})", fmt::join(header_.shape, ", "));
  const bool records = !header_.fields[0].name.empty();
  if (header_.shape.empty() || header_.shape.size() > (records ? 1 : 2))
    throw DataError(
        fmt::format("{}: the array has {} dimensions, shape {}; events are {}",
                    where_,
                    header_.shape.size(),
                    text,
                    records ? "records in one dimension" : "[row, column] or one column"),
        "save a two-dimensional array: one row per event, one column per variable");
  if (header_.shape[0] == 0 || header_.shape.back() == 0)
    throw DataError(fmt::format("{}: the table is empty, shape {}", where_, text),
                    "write at least one event");
}

void NpyColumns::check_size(std::uint64_t available) const {
  std::uint64_t size = header_.record_bytes;
  for (const auto n : header_.shape)
    if (__builtin_mul_overflow(size, n, &size)) size = ~std::uint64_t{0};
  const auto have = available - header_.data_offset;
  if (have == size) return;
  const auto row = size / header_.shape[0];
  throw DataError(
      fmt::format(
          "{}: {}: the header declares {} rows ({} bytes), the file holds {} bytes "
          "of them ({} rows)",
          where_,
          have < size ? "truncated" : "garbage after the last row",
          header_.shape[0],
          size,
          have,
          have / std::max<std::uint64_t>(row, 1)),
      "write or copy the file again");
}

std::vector<Column> NpyColumns::named_columns() const {
  std::vector<Column> out;
  for (const auto& c : columns_) out.push_back({c.name});
  return out;
}

void NpyColumns::read(std::uint64_t first,
                      std::size_t count,
                      std::span<const std::size_t> which,
                      std::span<double* const> out) {
  if (header_.order == Order::c) return read_rows(first, count, which, out);
  sources_.resize(columns_.size());
  const auto bytes = header_.record_bytes;
  buffer_.resize(count * bytes);
  for (std::size_t k = 0; k < which.size(); ++k) {
    auto& source = sources_[which[k]];
    if (!source) source = open_();
    source->read(header_.data_offset + (which[k] * rows() + first) * bytes, buffer_);
    decode(columns_[which[k]], buffer_.data(), bytes, count, out[k]);
  }
}

void NpyColumns::read_rows(std::uint64_t first,
                           std::size_t count,
                           std::span<const std::size_t> which,
                           std::span<double* const> out) {
  constexpr std::size_t block_bytes = 1 << 18;  // stays in the cache between columns
  const std::size_t block = std::max<std::size_t>(1, block_bytes / row_bytes_);
  for (std::size_t done = 0; done < count; done += block) {
    const auto n = std::min(block, count - done);
    buffer_.resize(n * row_bytes_);
    sources_[0]->read(header_.data_offset + (first + done) * row_bytes_, buffer_);
    for (std::size_t k = 0; k < which.size(); ++k) {
      const auto& c = columns_[which[k]];
      decode(c, buffer_.data() + c.offset, row_bytes_, n, out[k] + done);
    }
  }
}

namespace {

class NpyFile final : public TableFile {
 public:
  explicit NpyFile(const std::filesystem::path& path)
      : array_([path] { return open_bytes(path); }, path.string()) {
    info_ = file_info(path, "npy");
    info_.rows = array_.rows();
    info_.columns = array_.named_columns();
    info_.dtype = array_.header().dtype;
  }

  const EventFileInfo& info() const override { return info_; }

  Named named() const override {
    return info_.columns[0].name.empty() ? Named::no : Named::yes;
  }

  void read(std::uint64_t first,
            std::size_t count,
            std::span<const std::size_t> which,
            std::span<double* const> out) override {
    array_.read(first, count, which, out);
  }

 private:
  NpyColumns array_;
  EventFileInfo info_;
};

}  // namespace

std::unique_ptr<TableFile> open_npy(const std::filesystem::path& path) {
  return std::make_unique<NpyFile>(path);
}

}  // namespace femto::io
