// Events in HDF5: one two-dimensional dataset, or a group of columns.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "femto/io/hdf5.h"
#include "femto/io/table_file.h"

namespace femto::io {
namespace {

using hdf5::Dataset;
using hdf5::Values;

/// The group of a dataset's path: "/" or "/events".
std::string group_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string shape_text(const Dataset& d) {
  return fmt::format("{} {} ({})", d.path, d.type, fmt::join(d.shape, ", "));
}

/// A table in the file: one dataset [row, column], or several [row].
struct Table {
  std::string name;
  std::vector<Dataset> columns;
};

/// Finds the table a user means in what the file has.
class Finder {
 public:
  Finder(const std::filesystem::path& path, const hdf5::Handle& file)
      : path_(path), file_(file), all_(hdf5::list_datasets(file, path)) {}

  Table find(std::string wanted) const {
    if (all_.empty())
      refuse(path_, "the HDF5 file holds no dataset", "write the events again");
    if (wanted.empty()) return only();
    if (!wanted.starts_with('/')) wanted = '/' + wanted;
    for (const auto& d : all_)
      if (d.path == wanted) return single(d);
    auto table = group(wanted);
    if (!table.columns.empty()) return checked(std::move(table));
    std::vector<std::string> names;
    for (const auto& d : all_) {
      names.push_back(d.path);
      const auto g = group_of(d.path);
      if (g != "/" && std::find(names.begin(), names.end(), g) == names.end())
        names.push_back(g);
    }
    refuse(path_,
           fmt::format("there is no dataset or group '{}'", wanted),
           name_hint(wanted, names));
  }

 private:
  /// The one table there is when none is named.
  Table only() const {
    if (all_.size() == 1) return single(all_[0]);
    std::vector<Table> found;
    for (const auto& d : all_)
      if (d.shape.size() == 2 && d.values == Values::real) found.push_back({d.path, {d}});
    for (const auto& d : all_) {
      const auto g = group_of(d.path);
      const bool seen = std::any_of(
          found.begin(), found.end(), [&](const Table& t) { return t.name == g; });
      if (seen || d.shape.size() != 1) continue;
      auto table = group(g);
      if (good(table)) found.push_back(std::move(table));
    }
    if (found.size() == 1) return found[0];
    std::vector<std::string> there;
    for (const auto& d : all_) there.push_back(shape_text(d));
    refuse(
        path_,
        fmt::format("{} of events among the datasets of the file: {}",
                    found.empty() ? "there is no table" : "there are several tables",
                    fmt::join(there, "; ")),
        "choose a two-dimensional dataset, or a group of columns of equal length, with "
        "`data.dataset`");
  }

  Table group(const std::string& name) const {
    Table out{name, {}};
    const auto head = name == "/" ? name : name + '/';
    for (const auto& child : hdf5::names_in(file_, name))
      for (const auto& d : all_)
        if (d.path == head + child) out.columns.push_back(d);
    return out;
  }

  static bool good(const Table& t) {
    return !t.columns.empty() &&
           std::all_of(t.columns.begin(), t.columns.end(), [&](const Dataset& d) {
             return d.values == Values::real && d.shape.size() == 1 &&
                    d.shape == t.columns[0].shape;
           });
  }

  Table checked(Table t) const {
    if (good(t)) return t;
    std::vector<std::string> there;
    for (const auto& d : t.columns) there.push_back(shape_text(d));
    refuse(path_,
           fmt::format("group '{}' is not a set of columns of equal length: {}",
                       t.name,
                       fmt::join(there, "; ")),
           "a table is one-dimensional datasets of real numbers, one per column");
  }

  Table single(const Dataset& d) const {
    if (d.values != Values::real)
      refuse(
          path_,
          fmt::format("dataset '{}' holds {}; events are real numbers", d.path, d.type),
          "save float64, float32 or integers, one dataset per column");
    if (d.shape.empty() || d.shape.size() > 2)
      refuse(
          path_,
          fmt::format(
              "dataset '{}' has {} dimensions, shape ({}); events are [row, column]",
              d.path,
              d.shape.size(),
              fmt::join(d.shape, ", ")),
          "save a two-dimensional dataset: one row per event, one column per variable");
    return {d.path, {d}};
  }

  const std::filesystem::path& path_;
  const hdf5::Handle& file_;
  std::vector<Dataset> all_;
};

class Hdf5File final : public TableFile {
 public:
  Hdf5File(const std::filesystem::path& path, const ReadOptions& options)
      : path_(path), file_(hdf5::open_file(path)) {
    const auto table = Finder(path, file_).find(options.dataset);
    const auto& first = table.columns[0];
    wide_ = first.shape.size() == 2;
    info_ = file_info(path, "hdf5");
    info_.dataset = table.name;
    info_.rows = first.shape[0];
    info_.dtype = first.type;
    if (first.shape[0] == 0 || first.shape.back() == 0)
      refuse(path,
             fmt::format("the table is empty: '{}' has shape ({})",
                         table.name,
                         fmt::join(first.shape, ", ")),
             "write at least one event");
    for (const auto& d : table.columns) add(d, options);
    if (wide_) info_.columns.resize(first.shape[1]);
  }

  const EventFileInfo& info() const override { return info_; }

  Named named() const override { return wide_ ? Named::no : Named::yes; }

  void read(std::uint64_t first,
            std::size_t count,
            std::span<const std::size_t> which,
            std::span<double* const> out) override {
    const hdf5::Guard guard;
    if (wide_) return read_wide(first, count, which, out);
    for (std::size_t k = 0; k < which.size(); ++k)
      if (!hdf5::read_rows(sets_[which[k]], first, count, out[k]))
        damaged(first, count, info_.columns[which[k]].name);
  }

 private:
  void add(const Dataset& d, const ReadOptions& options) {
    constexpr std::uint64_t widest = 1 << 16;
    auto set = hdf5::open_dataset(file_, d.path);
    const auto stored = hdf5::stored(set);
    if (wide_ && d.shape[1] > widest)
      refuse(path_,
             fmt::format(
                 "dataset '{}' has {} columns, more than {}", d.path, d.shape[1], widest),
             "is it transposed? rows are events");
    if (!stored.complete || stored.bytes == 0)
      refuse(path_,
             fmt::format(
                 "dataset '{}' declares {} rows but not all of them were ever written",
                 d.path,
                 d.shape[0]),
             "the program that wrote it was stopped; write it again");
    std::uint64_t unpacked = sizeof(double);
    for (const auto n : d.shape)
      if (__builtin_mul_overflow(unpacked, n, &unpacked)) unpacked = ~std::uint64_t{0};
    const bool packed = stored.bytes < unpacked / sizeof(double);
    refuse_bomb(path_,
                d.path,
                stored.bytes,
                unpacked,
                packed ? options.max_unpacked_bytes : unpacked);
    if (!wide_) {
      auto unit = hdf5::read_text(set, "unit");
      info_.columns.push_back({name_of(d.path), unit.empty() ? "1" : unit});
    }
    sets_.push_back(std::move(set));
  }

  void read_wide(std::uint64_t first,
                 std::size_t count,
                 std::span<const std::size_t> which,
                 std::span<double* const> out) {
    const auto width = info_.columns.size();
    buffer_.resize(count * width);
    if (!hdf5::read_rows(sets_[0], first, count, buffer_.data()))
      damaged(first, count, "");
    for (std::size_t k = 0; k < which.size(); ++k)
      for (std::size_t r = 0; r < count; ++r) out[k][r] = buffer_[r * width + which[k]];
  }

  [[noreturn]] void damaged(std::uint64_t first,
                            std::size_t count,
                            const std::string& column) const {
    refuse(
        path_,
        fmt::format(
            "dataset '{}'{}: rows {} to {} (counting from 0) cannot be read: the file is "
            "truncated or corrupt ({})",
            info_.dataset,
            column.empty() ? "" : fmt::format(", column '{}'", column),
            first,
            first + count - 1,
            hdf5::latest_error()),
        "write or copy the file again");
  }

  std::filesystem::path path_;
  hdf5::Handle file_;
  std::vector<hdf5::Handle> sets_;
  bool wide_ = false;
  EventFileInfo info_;
  std::vector<double> buffer_;
};

}  // namespace

std::unique_ptr<TableFile> open_hdf5(const std::filesystem::path& path,
                                     const ReadOptions& options) {
  const hdf5::Guard guard;
  return std::make_unique<Hdf5File>(path, options);
}

}  // namespace femto::io
