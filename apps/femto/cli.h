// The command line: the tree of commands and options, and what a user asked for.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "commands.h"

namespace femto::app {

/// One parsed command line.
struct Invocation {
  std::function<int(Program&)> command;
  bool json = false;  // errors as JSON
};

/// Parses the arguments. Help, version and completion come back as commands. Throws Error
/// with a suggestion if they make no sense.
Invocation parse(const std::vector<std::string>& argv);

}  // namespace femto::app
