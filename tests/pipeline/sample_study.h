// A small study in a folder of its own, for tests of plans and runs.
#pragma once
#include <filesystem>
#include <string>

#include <unistd.h>

#include "femto/core/files.h"
#include "femto/io/events.h"
#include "femto/modules/builtins.h"
#include "femto/pipeline/plan.h"

namespace femto::test {

/// Removes itself with all it holds.
class Folder {
 public:
  Folder() {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("femto-test-" + std::to_string(getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(path_);
  }

  ~Folder() { std::filesystem::remove_all(path_); }

  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Pairs spread evenly over (0.1, 0.9): valid data of the 1-D proxy.
inline void write_pairs(const std::filesystem::path& file, std::size_t rows = 200) {
  io::EventTable events({{"x1", "1"}, {"x2", "1"}}, rows);
  for (std::size_t i = 0; i < rows; ++i) {
    const double t = (static_cast<double>(i) + 0.5) / static_cast<double>(rows);
    events.column(0)[i] = 0.1 + 0.8 * t;
    events.column(1)[i] = 0.1 + 0.8 * (1 - t) * (1 - t);
  }
  io::write_events(file, events);
}

inline Plan plan_of(const std::filesystem::path& folder,
                    const std::string& text,
                    std::vector<std::string> overrides = {},
                    DataUse data = DataUse::required) {
  write_file_atomically(folder / "study.yaml", text);
  Components components(builtin_registry());
  return make_plan({folder / "study.yaml", std::move(overrides), {}, data}, components);
}

}  // namespace femto::test
