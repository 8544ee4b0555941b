// Finds and opens plugins.
#include "femto/pipeline/components.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include <dlfcn.h>

#include "femto/core/error.h"

namespace femto {

namespace fs = std::filesystem;

namespace {

void add_folder(const fs::path& folder, std::vector<fs::path>& out) {
  std::error_code none;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder, none))
    if (entry.path().extension() == ".so") found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  out.insert(out.end(), found.begin(), found.end());
}

fs::path identity(const fs::path& file) {
  std::error_code none;
  const auto canonical = fs::canonical(file, none);
  return none ? fs::absolute(file) : canonical;
}

}  // namespace

std::vector<fs::path> plugin_files() {
  std::vector<fs::path> out;
  std::error_code none;
  const auto program = fs::read_symlink("/proc/self/exe", none);
  if (!none) add_folder(program.parent_path().parent_path() / "lib" / "femto", out);
  if (const char* path = std::getenv("FEMTO_PLUGIN_PATH")) {
    std::istringstream parts(path);
    for (std::string part; std::getline(parts, part, ':');) {
      if (part.empty()) continue;
      if (fs::is_directory(part, none))
        add_folder(part, out);
      else
        out.emplace_back(part);
    }
  }
  return out;
}

Plugin Components::open(const fs::path& file) {
  Plugin plugin{identity(file), false, {}};
  if (!fs::exists(plugin.file)) {
    plugin.reason = "there is no such file";
    return plugin;
  }
  void* handle = dlopen(plugin.file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    plugin.reason = dlerror();
    return plugin;
  }
  using Register = void (*)(Registry&);
  const auto enlist = reinterpret_cast<Register>(dlsym(handle, "femto_register"));
  if (!enlist) {
    plugin.reason =
        "it has no function `extern \"C\" void femto_register(femto::Registry&)`";
    return plugin;
  }
  try {
    Registry with = registry_;
    enlist(with);
    registry_ = std::move(with);
    plugin.loaded = true;
    plugin.about = reinterpret_cast<const char* (*)()>(dlsym(handle, "femto_about"));
  } catch (const std::exception& error) {
    plugin.reason = error.what();
  }
  return plugin;
}

void Components::load(const fs::path& file) {
  const auto wanted = identity(file);
  auto known = std::find_if(plugins_.begin(), plugins_.end(), [&](const Plugin& p) {
    return p.file == wanted;
  });
  if (known == plugins_.end()) known = plugins_.insert(known, open(file));
  if (!known->loaded)
    throw Error(
        fmt::format("plugin '{}' could not be loaded: {}", file.string(), known->reason),
        "build it with the compiler and the version of Femtograph that runs here");
}

void Components::load_all() {
  if (all_loaded_) return;
  all_loaded_ = true;
  for (const auto& file : plugin_files()) {
    const auto wanted = identity(file);
    const bool known = std::any_of(plugins_.begin(),
                                   plugins_.end(),
                                   [&](const Plugin& p) { return p.file == wanted; });
    if (!known) plugins_.push_back(open(file));
  }
}

}  // namespace femto
