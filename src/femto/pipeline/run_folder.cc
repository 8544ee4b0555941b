// Makes, opens and locks run folders.
#include "femto/pipeline/run_folder.h"

#include <ctime>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include "femto/core/error.h"
#include "femto/core/files.h"

namespace femto {

namespace fs = std::filesystem;

namespace {

std::string formatted(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char text[64];
  return {text, std::strftime(text, sizeof text, format, &local)};
}

bool is_run(const fs::path& folder) {
  return fs::exists(folder / "resolved.yaml") && fs::exists(folder / "manifest.json");
}

/// `path` beside the folder, for its making or its removal.
fs::path beside(const fs::path& folder, const char* what) {
  return folder.parent_path() /
         fmt::format(".{}.{}-{}", folder.filename().string(), what, getpid());
}

void check_free(const fs::path& folder, ExistingRun existing) {
  if (!fs::exists(fs::symlink_status(folder))) return;
  if (!fs::is_directory(folder))
    throw Error(fmt::format("'{}' is there and is not a folder", folder.string()),
                "choose another --out");
  if (fs::is_empty(folder)) return;
  if (!is_run(folder))
    throw Error(fmt::format("folder '{}' is not empty and not a run (nothing but runs is "
                            "ever replaced)",
                            folder.string()),
                "choose another --out");
  if (existing == ExistingRun::refuse)
    throw Error(fmt::format("there is already a run in '{}'", folder.string()),
                "choose another --out, go on with `femto resume`, or replace it with "
                "--force");
}

}  // namespace

std::string time_stamp() {
  return formatted("%Y-%m-%dT%H:%M:%S%z");
}

fs::path default_run_folder(const std::string& study) {
  const auto base = fs::path("runs") / (study + formatted("-%Y%m%d-%H%M%S"));
  auto folder = base;
  for (int i = 2; fs::exists(folder); ++i)
    folder = fmt::format("{}-{}", base.string(), i);
  return folder;
}

RunFolder::RunFolder(fs::path path) : path_(std::move(path)) {
  lock_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock_ < 0) fail("cannot open folder '{}'", path_.string());
  if (flock(lock_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    close(lock_);
    throw Error(fmt::format("another process is working in '{}'", path_.string()),
                "wait until it ends, or stop it");
  }
}

RunFolder::RunFolder(RunFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

RunFolder::~RunFolder() {
  if (lock_ >= 0) close(lock_);
}

RunFolder RunFolder::create(const fs::path& wanted,
                            ExistingRun existing,
                            const FirstFiles& files) {
  const auto folder = fs::absolute(wanted / "").lexically_normal().parent_path();
  check_free(folder, existing);
  try {
    fs::create_directories(folder.parent_path());
    const auto fresh = beside(folder, "new");
    fs::remove_all(fresh);
    fs::create_directory(fresh);
    for (const auto& [name, text] : files) write_file_atomically(fresh / name, text);
    if (fs::exists(folder)) {
      {
        const RunFolder unused(folder);
      }  // throws if a process works in it
      const auto old = beside(folder, "old");
      fs::rename(folder, old);
      fs::rename(fresh, folder);
      fs::remove_all(old);
    } else {
      fs::rename(fresh, folder);
    }
  } catch (const fs::filesystem_error& error) {
    throw Error(
        fmt::format(
            "cannot make run folder '{}': {}", folder.string(), error.code().message()),
        "choose another --out");
  }
  RunFolder made(folder);
  made.path_ = wanted;
  return made;
}

RunFolder RunFolder::open(const fs::path& folder) {
  if (!fs::is_directory(folder))
    throw Error(fmt::format("there is no run folder '{}'", folder.string()),
                "give the folder that `femto run` printed");
  if (!is_run(folder))
    throw Error(fmt::format("'{}' is not a run folder (it has no resolved.yaml and "
                            "manifest.json)",
                            folder.string()),
                "give the folder that `femto run` printed");
  return RunFolder(folder);
}

}  // namespace femto
