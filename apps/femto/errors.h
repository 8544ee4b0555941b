// How errors reach the user: on stderr, with what to do, and as an exit code.
#pragma once
#include <functional>

#include "commands.h"

namespace femto::app {

/// Runs `work` and returns its exit code, or that of the error it threw after printing
/// it: as text, or as one JSON object.
int guarded(Program& program, bool json, const std::function<int()>& work);

}  // namespace femto::app
