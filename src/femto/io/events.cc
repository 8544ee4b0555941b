// Opening an event file of any format, and choosing its columns.
#include "femto/io/events.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/core/hash.h"
#include "femto/io/bytes.h"
#include "femto/io/table_file.h"

namespace femto::io {
namespace {

std::vector<std::string> names_of(const std::vector<Column>& columns) {
  std::vector<std::string> out;
  for (const auto& c : columns) out.push_back(c.name);
  return out;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The names of all columns of the file, with those the caller gives to one without.
std::vector<Column> name_columns(const TableFile& file, const ReadOptions& o) {
  auto columns = file.info().columns;
  if (file.named() == Named::yes) return columns;
  auto names = o.expected_columns;
  if (!names.empty() && !o.weight.empty() && !has(names, o.weight))
    names.push_back(o.weight);
  for (std::size_t i = 0; o.expected_columns.empty() && i < columns.size(); ++i)
    names.push_back(fmt::format("column{}", i + 1));
  if (names.size() != columns.size())
    refuse(file.info().path,
           fmt::format("has {} column{}, expected {} ({})",
                       columns.size(),
                       columns.size() == 1 ? "" : "s",
                       names.size(),
                       fmt::join(names, ", ")),
           "save exactly these columns, in this order");
  for (std::size_t i = 0; i < columns.size(); ++i) columns[i].name = names[i];
  return columns;
}

/// Positions in the file of what is read: the columns, then the weight if there is one.
class Choice {
 public:
  Choice(const TableFile& file, const ReadOptions& o)
      : path_(file.info().path),
        columns_(name_columns(file, o)),
        names_(names_of(columns_)) {
    std::set<std::string> seen;
    for (const auto& n : names_)
      if (!seen.insert(n).second)
        refuse(path_,
               fmt::format("two columns are called {}", printable(n)),
               "give each column its own name");
    for (const auto& name : wanted(o)) which_.push_back(position(name, "column"));
    if (which_.empty()) refuse(path_, "has no column besides the weight");
    if (!o.weight.empty()) which_.push_back(position(o.weight, "weight column"));
  }

  const std::vector<Column>& columns() const { return columns_; }

  const std::vector<std::size_t>& which() const { return which_; }

 private:
  std::vector<std::string> wanted(const ReadOptions& o) const {
    if (!o.columns.empty()) return o.columns;
    auto expected = o.expected_columns;
    std::erase(expected, o.weight);
    const bool all_there = std::all_of(
        expected.begin(), expected.end(), [&](const auto& n) { return has(names_, n); });
    if (!expected.empty() && all_there) return expected;
    auto all = names_;
    std::erase(all, o.weight);
    if (!expected.empty() && all.size() != expected.size())
      refuse(path_,
             fmt::format("has {} column{} ({}), expected {} ({})",
                         all.size(),
                         all.size() == 1 ? "" : "s",
                         fmt::join(all, ", "),
                         expected.size(),
                         fmt::join(expected, ", ")),
             "choose the columns to read with `data.columns`");
    return all;
  }

  std::size_t position(const std::string& name, std::string_view what) const {
    const auto at = std::find(names_.begin(), names_.end(), name);
    if (at == names_.end())
      refuse(path_,
             fmt::format("there is no {} {}", what, printable(name)),
             name_hint(name, names_));
    return static_cast<std::size_t>(at - names_.begin());
  }

  std::filesystem::path path_;
  std::vector<Column> columns_;
  std::vector<std::string> names_;
  std::vector<std::size_t> which_;
};

class FileReader final : public EventReader {
 public:
  FileReader(std::unique_ptr<TableFile> file, const ReadOptions& o)
      : file_(std::move(file)),
        info_(file_->info()),
        chunk_rows_(std::max<std::size_t>(1, o.chunk_rows)) {
    const Choice choice(*file_, o);
    info_.columns = choice.columns();
    which_ = choice.which();
    weighted_ = o.weight.empty() ? Weighted::no : Weighted::yes;
    const auto n = which_.size() - (o.weight.empty() ? 0 : 1);
    for (std::size_t k = 0; k < n; ++k) columns_.push_back(info_.columns[which_[k]]);
  }

  const EventFileInfo& info() const override { return info_; }

  const std::vector<Column>& columns() const override { return columns_; }

  bool next(EventTable& chunk) override {
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(chunk_rows_, info_.rows - row_));
    if (chunk.columns() != columns_ || chunk.weighted() != (weighted_ == Weighted::yes))
      chunk = EventTable(columns_, count, weighted_);
    chunk.resize(count);
    if (count == 0) return false;
    std::vector<double*> out;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      out.push_back(chunk.column(i).data());
    if (weighted_ == Weighted::yes) out.push_back(chunk.weights().data());
    file_->read(row_, count, which_, out);
    row_ += count;
    return true;
  }

  void seek(std::uint64_t row) override {
    expect(row <= info_.rows, "seek to a row of the file");
    row_ = row;
  }

 private:
  std::unique_ptr<TableFile> file_;
  EventFileInfo info_;
  std::vector<Column> columns_;
  std::vector<std::size_t> which_;
  Weighted weighted_ = Weighted::no;
  std::size_t chunk_rows_;
  std::uint64_t row_ = 0;
};

constexpr std::string_view hdf5_magic = "\x89HDF\r\n\x1a\n";

/// HDF5 allows its signature at 0, 512, 1024, 2048, ...
bool is_hdf5(ByteSource& bytes) {
  std::array<char, 8> head{};
  for (std::uint64_t at = 0; at + head.size() <= bytes.size();
       at = at == 0 ? 512 : 2 * at) {
    bytes.read(at, head);
    if (std::string_view(head.data(), head.size()) == hdf5_magic) return true;
  }
  return false;
}

/// Text has no control bytes but blanks; looking at the beginning is enough to tell.
bool is_text(std::string_view head) {
  return std::none_of(head.begin(), head.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\n' && c != '\r' && c != '\t';
  });
}

std::unique_ptr<TableFile> open_table(const std::filesystem::path& path,
                                      const ReadOptions& o) {
  const auto size = check_readable(path);
  const auto bytes = open_bytes(path);
  std::string head(std::min<std::uint64_t>(size, 4096), '\0');
  bytes->read(0, head);
  if (head.starts_with("\x93NUMPY")) return open_npy(path);
  if (head.starts_with("PK\x03\x04") || head.starts_with("PK\x05\x06"))
    return open_npz(path, o);
  if (is_hdf5(*bytes)) return open_hdf5(path, o);
  const auto extension = path.extension().string();
  if (is_text(head) && extension != ".npy" && extension != ".npz" && extension != ".h5" &&
      extension != ".hdf5")
    return open_csv(path);
  if (head.starts_with("\x80"))
    refuse(path,
           "is a Python pickle, which is never unpacked (it can run code)",
           "save plain numbers: numpy.save(file, array.astype(float))");
  if (head.starts_with("\x1f\x8b"))
    refuse(path, "is compressed with gzip", "unpack it first, or use .npz or HDF5");
  refuse(path,
         fmt::format(
             "is no event file: it begins with {}, not as npy, npz, HDF5 or text does{}",
             printable(std::string_view(head).substr(0, 8)),
             extension.empty() ? "" : fmt::format(" (its name says {})", extension)),
         "events are read from .npy, .npz, .h5 and .csv; was the file cut or damaged?");
}

}  // namespace

std::unique_ptr<EventReader> open_events(const std::filesystem::path& path,
                                         const ReadOptions& options) {
  return std::make_unique<FileReader>(open_table(path, options), options);
}

EventFileInfo inspect_events(const std::filesystem::path& path,
                             const ReadOptions& options) {
  auto info = open_events(path, options)->info();
  info.checksum = file_checksum(path);
  return info;
}

}  // namespace femto::io
