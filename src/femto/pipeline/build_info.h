// What this program was built from and with.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace femto::build {

/// "0.1.0".
const char* version();

/// Git revision at build time, with "-dirty" if files were changed; "unknown" outside
/// git.
const char* revision();

/// "GNU 12.2.0".
const char* compiler();

/// "Release".
const char* type();

/// Compiler flags of this build type.
const char* flags();

/// Names and versions of the libraries it was built with.
std::vector<std::pair<std::string, std::string>> libraries();

}  // namespace femto::build
