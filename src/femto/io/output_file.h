// A file that is written beside its target and appears complete or never.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "femto/io/events.h"

namespace femto::io {

/// Until commit() everything goes to part(); without commit() nothing remains.
class OutputFile {
 public:
  /// Refuses an existing target, unless told to overwrite, and a folder that is missing.
  OutputFile(std::filesystem::path target, Existing existing);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  const std::filesystem::path& target() const { return target_; }

  const std::filesystem::path& part() const { return part_; }

  /// Flushes part() to disk and renames it over the target.
  void commit();

 private:
  void refuse_existing() const;

  std::filesystem::path target_, part_;
  Existing existing_;
};

/// Bytes written one after the other through a buffer. Throws Error when the disk is
/// full.
class ByteSink {
 public:
  explicit ByteSink(std::filesystem::path path);
  ByteSink(const ByteSink&) = delete;
  ByteSink& operator=(const ByteSink&) = delete;
  ~ByteSink();

  void write(std::string_view bytes);
  void write_at(std::uint64_t offset, std::string_view bytes);
  void close();

 private:
  void put(std::uint64_t offset, std::string_view bytes) const;
  void flush();

  std::filesystem::path path_;
  int fd_ = -1;
  std::uint64_t at_ = 0;
  std::string buffer_;
};

/// Throws Error "cannot write <path> (<why>)".
[[noreturn]] void cannot_write(const std::filesystem::path& path, std::string_view why);

}  // namespace femto::io
