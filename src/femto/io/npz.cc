// Archives of .npy arrays (.npz), read as streams: memory stays bounded.
#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <zip.h>

#include "femto/core/error.h"
#include "femto/io/npy.h"
#include "femto/io/table_file.h"

namespace femto::io {
namespace {

using Archive = std::shared_ptr<zip_t>;

struct Member {
  zip_uint64_t index = 0;
  std::string name;  ///< without .npy
  std::uint64_t packed = 0;
  std::uint64_t unpacked = 0;
};

Archive open_archive(const std::filesystem::path& path) {
  int code = 0;
  zip_t* zip = zip_open(path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code);
  if (zip == nullptr) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    const std::string why = zip_error_strerror(&error);
    zip_error_fini(&error);
    refuse(path,
           fmt::format("the npz archive is truncated or corrupt ({})", why),
           "write or copy the file again");
  }
  return {zip, zip_discard};
}

/// The unpacked bytes of one member, in order; a step back starts again.
class ZipMember final : public ByteSource {
 public:
  ZipMember(Archive archive, std::string where, Member member)
      : archive_(std::move(archive)),
        where_(std::move(where)),
        member_(std::move(member)) {}

  std::uint64_t size() const override { return member_.unpacked; }

  void read(std::uint64_t offset, std::span<char> out) override {
    if (!file_ || offset < at_) reopen();
    while (at_ < offset) {
      std::array<char, 1 << 16> skipped{};
      take(std::span(skipped).first(
          std::min<std::uint64_t>(skipped.size(), offset - at_)));
    }
    take(out);
    if (at_ == member_.unpacked) check_end();
  }

 private:
  void reopen() {
    file_.reset(zip_fopen_index(archive_.get(), member_.index, 0));
    if (!file_) damaged(zip_strerror(archive_.get()));
    at_ = 0;
  }

  void take(std::span<char> out) {
    while (!out.empty()) {
      const auto n = zip_fread(file_.get(), out.data(), out.size());
      if (n < 0) damaged(zip_file_strerror(file_.get()));
      if (n == 0) damaged("it ends early");
      out = out.subspan(static_cast<std::size_t>(n));
      at_ += static_cast<std::uint64_t>(n);
    }
  }

  /// Reaching the end makes the library compare the checksum.
  void check_end() {
    char more = 0;
    const auto n = zip_fread(file_.get(), &more, 1);
    if (n < 0) damaged(zip_file_strerror(file_.get()));
    if (n > 0) damaged("it unpacks to more than it declares");
  }

  [[noreturn]] void damaged(std::string_view why) const {
    throw DataError(
        fmt::format("{}: the compressed data are corrupt near byte {} of the array ({})",
                    where_,
                    at_,
                    why),
        "write or copy the file again");
  }

  Archive archive_;
  std::string where_;
  Member member_;
  std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file_{nullptr, zip_fclose};
  std::uint64_t at_ = 0;
};

std::vector<Member> list_members(const std::filesystem::path& path, zip_t* zip) {
  std::vector<Member> members;
  const auto n = zip_get_num_entries(zip, 0);
  for (zip_int64_t i = 0; i < n; ++i) {
    zip_stat_t s;
    const auto index = static_cast<zip_uint64_t>(i);
    if (zip_stat_index(zip, index, 0, &s) != 0)
      refuse(path, fmt::format("the npz archive is corrupt ({})", zip_strerror(zip)));
    if ((s.flags & ZIP_STAT_ENCRYPTION_METHOD) != 0 && s.encryption_method != ZIP_EM_NONE)
      refuse(
          path, fmt::format("array {} is encrypted", printable(s.name)), "save it plain");
    std::string name = s.name;
    if (!name.ends_with(".npy")) continue;
    members.push_back({index, name.substr(0, name.size() - 4), s.comp_size, s.size});
  }
  if (members.empty())
    refuse(path, "the zip archive holds no .npy array", "write it with numpy.savez");
  return members;
}

std::vector<Member> choose(const std::filesystem::path& path,
                           std::vector<Member> members,
                           std::string_view wanted) {
  if (wanted.empty()) return members;
  if (wanted.ends_with(".npy")) wanted.remove_suffix(4);
  std::vector<std::string> names;
  for (const auto& m : members) {
    if (m.name == wanted) return {m};
    names.push_back(m.name);
  }
  refuse(path, fmt::format("there is no array '{}'", wanted), name_hint(wanted, names));
}

class NpzFile final : public TableFile {
 public:
  NpzFile(const std::filesystem::path& path, const ReadOptions& options)
      : path_(path), archive_(open_archive(path)) {
    const auto all = list_members(path, archive_.get());
    const auto chosen = choose(path, all, options.dataset);
    for (const auto& m : chosen) open_member(m, options);
    if (arrays_.size() > 1) check_columns(chosen);
    const auto& first = arrays_[0];
    info_ = file_info(path, "npz");
    info_.dataset = chosen.size() == 1 ? chosen[0].name : "";
    info_.rows = first->rows();
    info_.columns = first->named_columns();
    info_.dtype = first->header().dtype;
    const bool one_column =
        first->header().shape.size() == 1 && info_.columns[0].name.empty();
    if (!one_column) return;
    info_.columns.clear();
    for (const auto& m : chosen) info_.columns.push_back({m.name});
  }

  const EventFileInfo& info() const override { return info_; }

  Named named() const override {
    return info_.columns[0].name.empty() ? Named::no : Named::yes;
  }

  void read(std::uint64_t first,
            std::size_t count,
            std::span<const std::size_t> which,
            std::span<double* const> out) override {
    if (arrays_.size() == 1) return arrays_[0]->read(first, count, which, out);
    constexpr std::size_t only = 0;
    for (std::size_t k = 0; k < which.size(); ++k)
      arrays_[which[k]]->read(first, count, {&only, 1}, out.subspan(k, 1));
  }

 private:
  void open_member(const Member& m, const ReadOptions& options) {
    refuse_bomb(path_, m.name, m.packed, m.unpacked, options.max_unpacked_bytes);
    const auto where = fmt::format("{}: array {}", path_.string(), printable(m.name));
    const auto open = [archive = archive_, where, m]() -> std::unique_ptr<ByteSource> {
      return std::make_unique<ZipMember>(archive, where, m);
    };
    arrays_.push_back(std::make_unique<NpyColumns>(open, where));
  }

  /// Several arrays are the columns of one table only if each is one column, all equally
  /// long.
  void check_columns(const std::vector<Member>& members) const {
    bool good = true;
    std::string there;
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
      const auto& a = *arrays_[i];
      const bool column =
          a.header().shape.size() == 1 && a.header().fields[0].name.empty();
      good = good && column && a.rows() == arrays_[0]->rows();
      there += fmt::format("{}'{}' ({})",
                           i == 0 ? "" : ", ",
                           members[i].name,
                           fmt::join(a.header().shape, ", "));
    }
    if (good) return;
    refuse(path_,
           fmt::format("holds several arrays that are not columns of equal length: {}",
                       there),
           "choose one with `data.dataset`");
  }

  std::filesystem::path path_;
  Archive archive_;
  std::vector<std::unique_ptr<NpyColumns>> arrays_;
  EventFileInfo info_;
};

}  // namespace

std::unique_ptr<TableFile> open_npz(const std::filesystem::path& path,
                                    const ReadOptions& options) {
  return std::make_unique<NpzFile>(path, options);
}

}  // namespace femto::io
