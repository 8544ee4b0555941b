// Completion scripts made from the tree of commands.
#pragma once
#include <string>

namespace CLI {
class App;
}

namespace femto::app {

/// Script for "bash" or "zsh" that completes commands, options and file names.
std::string completion_script(const CLI::App& app, const std::string& shell);

}  // namespace femto::app
