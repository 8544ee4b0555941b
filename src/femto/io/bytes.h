// Random access to the bytes of a file or of one member of an archive.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace femto::io {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual std::uint64_t size() const = 0;

  /// All of out.size() bytes from `offset`. Throws DataError if they are not there.
  virtual void read(std::uint64_t offset, std::span<char> out) = 0;
};

/// Opens one more independent reader of the same bytes.
using OpenBytes = std::function<std::unique_ptr<ByteSource>()>;

std::unique_ptr<ByteSource> open_bytes(const std::filesystem::path& path);

/// Refuses what is missing, not a regular file, unreadable or empty; returns the size.
std::uint64_t check_readable(const std::filesystem::path& path);

}  // namespace femto::io
