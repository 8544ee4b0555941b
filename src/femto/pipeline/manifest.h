// Where a run came from: program, machine, data, command.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "femto/pipeline/plan.h"

namespace femto {

/// Version of what checkpoints mean; a run made by another version is not resumed.
inline constexpr int checkpoint_version = 1;

/// What the manifest of every run begins with.
nlohmann::ordered_json manifest_head(const std::string& study,
                                     const std::string& study_file,
                                     std::uint64_t seed,
                                     const std::vector<std::string>& argv);

/// Content of manifest.json. `resolved` is the text of resolved.yaml.
nlohmann::ordered_json make_manifest(const Plan& plan,
                                     const std::string& resolved,
                                     const std::vector<std::string>& argv);

/// Version, revision, compiler, flags and libraries.
nlohmann::ordered_json build_json();

/// Host name, system, processor, cores, memory and SIMD level.
nlohmann::ordered_json host_json();

/// "model name" of /proc/cpuinfo, or "unknown".
std::string cpu_name();

}  // namespace femto
