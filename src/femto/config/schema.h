// JSON Schema of studies and components, so that editors complete and check them.
#pragma once
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "femto/config/registry.h"

namespace femto::config {

/// JSON Schema (draft 2020-12) of a block with these settings. Components that may stand
/// in its slots are under `$defs` as `<kind>.<name>`.
nlohmann::json schema_of(const std::vector<Setting>& settings,
                         const Registry& registry,
                         const std::string& title);

/// JSON Schema of one component: its settings and `type`.
nlohmann::json schema_of(const Registry::Entry& entry, const Registry& registry);

template <Described T>
nlohmann::json schema(const Registry& registry, const std::string& title = "study") {
  return schema_of(settings_of<T>(), registry, title);
}

}  // namespace femto::config
