// Writes completion scripts for bash and zsh.
#include "completion.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace femto::app {
namespace {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<std::string> words_of(const CLI::App& app) {
  std::vector<std::string> words;
  for (const auto* sub : commands_of(app)) words.push_back(sub->get_name());
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) words.push_back("--" + name);
  return words;
}

/// One branch per command: its words, also for commands of commands.
void bash_branches(const CLI::App& app, const std::string& above, std::string& out) {
  for (const auto* sub : commands_of(app)) {
    const auto name = above.empty() ? sub->get_name() : above + " " + sub->get_name();
    out += fmt::format(
        "    \"{}\") words=\"{}\" ;;\n", name, fmt::join(words_of(*sub), " "));
    bash_branches(*sub, name, out);
  }
}

std::string bash(const CLI::App& app) {
  std::string branches;
  bash_branches(app, "", branches);
  return fmt::format(
      R"(# bash completion of femto; load with: source <(femto completion bash)
_femto() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" command="" words="" i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "${{COMP_WORDS[i]}}" in
      -*) ;;
      *) command="${{command:+$command }}${{COMP_WORDS[i]}}"
         [[ $command == data ]] || break ;;
    esac
  done
  case "$command" in
    "") words="{}" ;;
{}    *) words="" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ $current != -* && -n $command && $command != data ]]; then
    COMPREPLY+=($(compgen -f -- "$current"))
  fi
}}
complete -o filenames -o bashdefault -F _femto femto
)",
      fmt::join(words_of(app), " "),
      branches);
}

std::string escaped(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\'' || text[i] == '[' || text[i] == ']' || text[i] == ':')
      text[i] = text[i] == '\'' ? '`' : ' ';
  return text;
}

std::string zsh_options(const CLI::App& app) {
  std::string out;
  for (const auto* option : app.get_options()) {
    const bool takes_value = option->get_items_expected_max() > 0;
    for (const auto& name : option->get_lnames())
      out += fmt::format(" '--{}[{}]{}'",
                         name,
                         escaped(option->get_description()),
                         takes_value ? ":value:_files" : "");
  }
  return out;
}

void zsh_branches(const CLI::App& app, const std::string& indent, std::string& out) {
  for (const auto* sub : commands_of(app)) {
    const auto below = commands_of(*sub);
    std::string names;
    for (const auto* one : below)
      names += fmt::format("'{}:{}' ", one->get_name(), escaped(one->get_description()));
    out += below.empty()
               ? fmt::format("{}{}) _arguments{} '*:file:_files' ;;\n",
                             indent,
                             sub->get_name(),
                             zsh_options(*sub))
               : fmt::format(
                     "{}{}) local -a below=({}); _describe command below; _files ;;\n",
                     indent,
                     sub->get_name(),
                     names);
  }
}

std::string zsh(const CLI::App& app) {
  std::string branches, names;
  zsh_branches(app, "    ", branches);
  for (const auto* sub : commands_of(app))
    names +=
        fmt::format("    '{}:{}'\n", sub->get_name(), escaped(sub->get_description()));
  return fmt::format(R"(#compdef femto
# zsh completion of femto; put it into a folder of $fpath as _femto
_femto() {{
  local -a commands=(
{}  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case "$words[2]" in
{}  esac
}}
_femto "$@"
)",
                     names,
                     branches);
}

}  // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
  return shell == "zsh" ? zsh(app) : bash(app);
}

}  // namespace femto::app
