// `key.path=value` arguments that change a document before it is decoded.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "femto/config/issues.h"

namespace femto::config {

/// Applies the arguments in order. List entries are `a.b[2]=3` or `a.b.2=3`. Values are
/// YAML. In messages the file is "command line" and argument i is its line i; the caller
/// adds that source. Malformed arguments are added to `issues` and left out.
void apply_overrides(Node& root,
                     std::span<const std::string> arguments,
                     std::vector<Issue>& issues);

/// The arguments as lines of the source "command line".
std::string as_source(std::span<const std::string> arguments);

}  // namespace femto::config
