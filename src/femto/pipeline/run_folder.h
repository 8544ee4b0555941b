// The folder of one run: made whole, locked while in use, never overwritten by accident.
#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace femto {

enum class ExistingRun { refuse, replace };

/// Name and content of a file that a new run folder starts with.
using FirstFiles = std::vector<std::pair<std::string, std::string>>;

class RunFolder {
 public:
  /// Makes `folder` with its first files: it appears complete or not at all. Throws Error
  /// if it exists and is not empty, unless told to replace a run (never anything else).
  static RunFolder create(const std::filesystem::path& folder,
                          ExistingRun existing,
                          const FirstFiles& files);

  /// Opens the folder of an earlier run. Throws Error if it is none, or if it is in use.
  static RunFolder open(const std::filesystem::path& folder);

  RunFolder(RunFolder&& other) noexcept;
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;
  ~RunFolder();

  const std::filesystem::path& path() const { return path_; }

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  explicit RunFolder(std::filesystem::path path);

  std::filesystem::path path_;
  int lock_ = -1;
};

/// runs/<name>-<YYYYmmdd-HHMMSS> in local time, with -2, -3, ... if it is taken.
std::filesystem::path default_run_folder(const std::string& study);

/// Local time as 2026-01-31T12:00:00+0100.
std::string time_stamp();

}  // namespace femto
