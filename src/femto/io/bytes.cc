// Random access to the bytes of a file, and the refusals every format shares.
#include "femto/io/bytes.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "femto/core/error.h"
#include "femto/core/text.h"
#include "femto/io/table_file.h"

namespace femto::io {
namespace {

class FileBytes final : public ByteSource {
 public:
  explicit FileBytes(std::filesystem::path path)
      : path_(std::move(path)), fd_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd_ < 0)
      refuse(path_, fmt::format("cannot be opened ({})", std::strerror(errno)));
    struct stat s = {};
    if (::fstat(fd_, &s) == 0) size_ = static_cast<std::uint64_t>(s.st_size);
  }

  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  ~FileBytes() override { ::close(fd_); }

  std::uint64_t size() const override { return size_; }

  void read(std::uint64_t offset, std::span<char> out) override {
    while (!out.empty()) {
      const auto n = ::pread(fd_, out.data(), out.size(), static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) refuse(path_, fmt::format("cannot be read ({})", std::strerror(errno)));
      if (n == 0)
        refuse(path_, fmt::format("ends at byte {} before its content does", offset));
      out = out.subspan(static_cast<std::size_t>(n));
      offset += static_cast<std::uint64_t>(n);
    }
  }

 private:
  std::filesystem::path path_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace

std::unique_ptr<ByteSource> open_bytes(const std::filesystem::path& path) {
  return std::make_unique<FileBytes>(path);
}

std::uint64_t check_readable(const std::filesystem::path& path) {
  struct stat s = {};
  if (::stat(path.c_str(), &s) != 0)
    refuse(path,
           errno == ENOENT ? "there is no such file"
                           : fmt::format("cannot be opened ({})", std::strerror(errno)),
           "check the path of the event file");
  if (S_ISDIR(s.st_mode)) refuse(path, "is a folder, not a file", "name a file in it");
  if (!S_ISREG(s.st_mode))
    refuse(path,
           "is not a regular file (events are read at any position)",
           "write the stream to a file first");
  const auto size = open_bytes(path)->size();
  if (size == 0) refuse(path, "the file is empty", "write the events again");
  return size;
}

EventFileInfo file_info(const std::filesystem::path& path, std::string format) {
  EventFileInfo info;
  info.path = path;
  info.format = std::move(format);
  info.bytes = std::filesystem::file_size(path);
  return info;
}

void refuse(const std::filesystem::path& path, std::string_view what, std::string hint) {
  throw DataError(fmt::format("{}: {}", path.string(), what), std::move(hint));
}

std::string printable(std::string_view text) {
  constexpr std::size_t longest = 40;
  std::string out = "'";
  for (const char c : text.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f)
      out += fmt::format("\\x{:02x}", byte);
    else
      out += c;
  }
  return out + (text.size() > longest ? "...'" : "'");
}

std::string name_hint(std::string_view name, const std::vector<std::string>& known) {
  const auto there = known.empty() ? std::string("there is nothing to choose from")
                                   : fmt::format("there are: {}", fmt::join(known, ", "));
  const auto near = closest(name, known);
  return near ? fmt::format("did you mean '{}'? ({})", *near, there) : there;
}

void refuse_bomb(const std::filesystem::path& path,
                 std::string_view array,
                 std::uint64_t packed,
                 std::uint64_t unpacked,
                 std::uint64_t max_unpacked) {
  constexpr std::uint64_t small = std::uint64_t{64} << 20;  // bytes: always allowed
  constexpr std::uint64_t highest_ratio = 200;  // measured events compress 1 to 20
  if (unpacked > max_unpacked)
    refuse(path,
           fmt::format("array '{}' claims {} bytes unpacked, more than the limit of {}",
                       array,
                       unpacked,
                       max_unpacked),
           "if the file is right, convert it to .npy, which needs no unpacking");
  if (unpacked > small && unpacked / highest_ratio > packed)
    refuse(path,
           fmt::format(
               "array '{}' claims {} bytes unpacked from {} (more than {} to 1: no table "
               "of events is like that)",
               array,
               unpacked,
               packed,
               highest_ratio),
           "if the file is right, convert it to .npy, which needs no unpacking");
}

}  // namespace femto::io
