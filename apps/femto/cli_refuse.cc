// Turns problems of the command line into one sentence and a way out.
#include "cli_refuse.h"

#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/core/text.h"

namespace femto::app {
namespace {

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(sub->get_name());
  return names;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  const auto near = closest(word, known);
  return near ? fmt::format("did you mean '{}'?", *near) : std::string();
}

std::string or_help(const std::string& hint, const std::string& command) {
  return hint.empty() ? fmt::format("see `{} --help`", command) : hint;
}

}  // namespace

void refuse(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* at = &app;
  std::string command = "femto";
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    command += " " + at->get_name();
  }
  auto rest = app.remaining(true);
  std::erase(rest, "--");
  if (!rest.empty() && rest[0].starts_with("-")) {
    const auto name = rest[0].substr(0, rest[0].find('='));
    throw Error(fmt::format("{} has no option '{}'", command, name),
                or_help(did_you_mean(name, option_names(*at)), command));
  }
  if (!rest.empty() && !command_names(*at).empty())
    throw Error(fmt::format("{} has no command '{}'", command, rest[0]),
                or_help(did_you_mean(rest[0], command_names(*at)), command));
  if (!command_names(*at).empty())
    throw Error(fmt::format("{} needs a command", command), or_help({}, command));
  if (!rest.empty())
    throw Error(fmt::format("{} takes no argument '{}' here", command, rest[0]),
                or_help({}, command));
  std::string what = error.what();
  what = what.substr(0, what.find('\n'));
  throw Error(fmt::format("{}: {}", command, what), or_help({}, command));
}

}  // namespace femto::app
