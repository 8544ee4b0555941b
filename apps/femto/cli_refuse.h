// What the program answers to a command line it cannot read.
#pragma once

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace femto::app {

/// Throws Error that names what is wrong with the command line, with a did-you-mean.
[[noreturn]] void refuse(const CLI::App& app, const CLI::ParseError& error);

}  // namespace femto::app
