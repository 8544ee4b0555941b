// The catalogue cannot rot: every component has a test, a page with a current table, and
// a source.
#pragma once
#include <filesystem>
#include <string>

#include "femto/config/registry.h"

namespace femto::test {

/// Root of the source tree (from the environment of the test).
std::filesystem::path source_dir();

/// Checks every component of `registry` whose source lies in `folder`
/// ("src/femto/modules"): file and test of its name, page
/// docs/components/<kind>/<name>.md with the settings table between its markers, doc of
/// every setting, cited source known. With FEMTO_UPDATE=1 in the environment stale tables
/// are rewritten instead. Components of `elsewhere` are checked by another program.
void check_catalogue(const Registry& registry,
                     const std::string& folder,
                     const std::string& tests,
                     const Registry& elsewhere = {});

}  // namespace femto::test
