// The command line: the tree of commands and options, and what a user asked for.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "commands.h"

namespace femto::app {

/// What a command line asks for; returns the exit code.
using Command = std::function<int(Program&)>;

/// Parses the arguments. Help, version and completion come back as commands. Throws Error
/// with a suggestion if they make no sense.
Command parse(const std::vector<std::string>& argv);

}  // namespace femto::app
