// The components of this program: built in, and from plugins that are opened when needed.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "femto/config/registry.h"

namespace femto {

/// A shared object that registers components, and how opening it went.
struct Plugin {
  std::filesystem::path file;
  bool loaded = false;
  std::string reason;                // why it could not be opened; empty if it could
  const char* (*about)() = nullptr;  // what it is set to, if it has something to say
};

/// Opens plugins late: a study that needs none of them does not pay for their libraries.
/// A plugin is a shared object with `extern "C" void femto_register(femto::Registry&)`;
/// with `extern "C" const char* femto_about()` it has a line in `femto doctor`.
class Components {
 public:
  explicit Components(Registry builtin) : registry_(std::move(builtin)) {}

  const Registry& registry() const { return registry_; }

  /// Opens one plugin; a second time is nothing. Throws Error with file and reason.
  void load(const std::filesystem::path& file);

  /// Opens every plugin of the search path: `<program>/../lib/femto/*.so`, then the files
  /// and folders of $FEMTO_PLUGIN_PATH. Failures are kept in `plugins()`.
  void load_all();

  bool all_loaded() const { return all_loaded_; }

  const std::vector<Plugin>& plugins() const { return plugins_; }

 private:
  Plugin open(const std::filesystem::path& file);

  Registry registry_;
  std::vector<Plugin> plugins_;
  bool all_loaded_ = false;
};

/// Plugin files of the search path, in order.
std::vector<std::filesystem::path> plugin_files();

}  // namespace femto
