// Collects what the manifest says.
#include "femto/pipeline/manifest.h"

#include <fstream>
#include <thread>

#include <sys/utsname.h>
#include <unistd.h>

#include "femto/core/hash.h"
#include "femto/core/threads.h"
#include "femto/core/vmath.h"
#include "femto/pipeline/build_info.h"
#include "femto/pipeline/run_folder.h"

namespace femto {

using nlohmann::ordered_json;

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name"))
      if (const auto colon = line.find(": "); colon != line.npos)
        return line.substr(colon + 2);
  return "unknown";
}

ordered_json build_json() {
  ordered_json libraries;
  for (const auto& [name, version] : build::libraries()) libraries[name] = version;
  return {{"version", build::version()},
          {"revision", build::revision()},
          {"compiler", build::compiler()},
          {"type", build::type()},
          {"flags", build::flags()},
          {"libraries", libraries}};
}

ordered_json host_json() {
  utsname system{};
  uname(&system);
  const auto memory = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                      static_cast<std::uint64_t>(sysconf(_SC_PAGE_SIZE));
  return {{"name", system.nodename},
          {"system", std::string(system.sysname) + " " + system.release},
          {"machine", system.machine},
          {"cpu", cpu_name()},
          {"cores", std::thread::hardware_concurrency()},
          {"memory_bytes", memory},
          {"simd", vmath::simd_level()}};
}

ordered_json manifest_head(const std::string& study,
                           const std::string& study_file,
                           std::uint64_t seed,
                           const std::vector<std::string>& argv) {
  return {{"schema", 1},
          {"study", study},
          {"study_file", study_file},
          {"started", time_stamp()},
          {"program", build_json()},
          {"host", host_json()},
          {"threads", threads()},
          {"seed", seed},
          {"argv", argv}};
}

ordered_json make_manifest(const Plan& plan,
                           const std::string& resolved,
                           const std::vector<std::string>& argv) {
  ordered_json plugins = ordered_json::array();
  for (const auto& plugin : plan.plugins)
    if (plugin.loaded)
      plugins.push_back(
          {{"file", plugin.file.string()}, {"checksum", file_checksum(plugin.file)}});
  ordered_json overrides = ordered_json::array();
  for (const auto& one : plan.overrides) overrides.push_back(one);
  ordered_json out =
      manifest_head(plan.study.name, plan.file.string(), plan.study.seed, argv);
  out["overrides"] = overrides;
  out["plugins"] = plugins;
  out["data"] = {{"label", plan.info.label},
                 {"rows", plan.info.rows},
                 {"columns", plan.info.columns},
                 {"checksum", plan.info.checksum}};
  out["study_checksum"] = checksum(resolved);
  out["checkpoint_version"] = checkpoint_version;
  return out;
}

}  // namespace femto
