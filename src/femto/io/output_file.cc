// A file that is written beside its target and appears complete or never.
#include "femto/io/output_file.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "femto/core/error.h"

namespace femto::io {

void cannot_write(const std::filesystem::path& path, std::string_view why) {
  throw Error(fmt::format("cannot write {} ({})", path.string(), why),
              "check the folder, its permissions and the space left");
}

OutputFile::OutputFile(std::filesystem::path target, Existing existing)
    : target_(std::move(target)), part_(target_.string() + ".part"), existing_(existing) {
  refuse_existing();
  const auto folder = target_.has_parent_path() ? target_.parent_path() : ".";
  if (!std::filesystem::is_directory(folder))
    cannot_write(target_, "the folder does not exist");
  if (std::filesystem::is_directory(target_)) cannot_write(target_, "it is a folder");
}

OutputFile::~OutputFile() {
  std::error_code ignored;
  std::filesystem::remove(part_, ignored);
}

void OutputFile::refuse_existing() const {
  if (existing_ == Existing::refuse && std::filesystem::exists(target_))
    throw Error(fmt::format("{} exists already", target_.string()),
                "choose another name, or ask to overwrite it");
}

void OutputFile::commit() {
  refuse_existing();
  const int fd = ::open(part_.c_str(), O_RDONLY | O_CLOEXEC);
  const bool good = fd >= 0 && ::fsync(fd) == 0;
  const int cause = errno;
  if (fd >= 0) ::close(fd);
  if (!good) cannot_write(target_, std::strerror(cause));
  std::error_code error;
  std::filesystem::rename(part_, target_, error);
  if (error) cannot_write(target_, error.message());
}

namespace {

constexpr std::size_t buffer_bytes = 1 << 18;

}  // namespace

ByteSink::ByteSink(std::filesystem::path path)
    : path_(std::move(path)),
      fd_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
  if (fd_ < 0) cannot_write(path_, std::strerror(errno));
}

ByteSink::~ByteSink() {
  if (fd_ >= 0) ::close(fd_);
}

void ByteSink::write(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() >= buffer_bytes) flush();
}

void ByteSink::write_at(std::uint64_t offset, std::string_view bytes) {
  flush();
  put(offset, bytes);
}

void ByteSink::flush() {
  put(at_, buffer_);
  at_ += buffer_.size();
  buffer_.clear();
}

void ByteSink::put(std::uint64_t offset, std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) cannot_write(path_, std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
}

void ByteSink::close() {
  flush();
  const int fd = fd_;
  fd_ = -1;
  if (::close(fd) != 0) cannot_write(path_, std::strerror(errno));
}

}  // namespace femto::io
