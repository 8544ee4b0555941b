#include "femto/core/files.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <unistd.h>

#include "femto/core/error.h"

namespace femto {

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file))
    fail("cannot read {} ({})",
         file.string(),
         std::filesystem::is_directory(file) ? "it is a folder" : std::strerror(errno));
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file_atomically(const std::filesystem::path& file, std::string_view bytes) {
  const auto beside = file.string() + ".part";
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) fail("cannot write {} ({})", file.string(), std::strerror(errno));
  bool good = true;
  for (std::string_view left = bytes; good && !left.empty();) {
    const auto n = ::write(fd, left.data(), left.size());
    if (n < 0 && errno == EINTR) continue;
    good = n > 0;
    if (good) left.remove_prefix(static_cast<size_t>(n));
  }
  good = good && ::fsync(fd) == 0;
  const int cause = errno;
  ::close(fd);
  if (!good) {
    ::unlink(beside.c_str());
    fail("cannot write {} ({})", file.string(), std::strerror(cause));
  }
  std::filesystem::rename(beside, file);
}

}  // namespace femto
