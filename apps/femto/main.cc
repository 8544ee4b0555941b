// The program: parses the command line, runs one command, ends with the right exit code.
#include <cstdio>

#include "cli.h"
#include "errors.h"

#include "femto/modules/builtins.h"

int main(int argc, char** argv) {
  namespace app = femto::app;
  app::Program program{
      {argv, argv + argc}, femto::Components(femto::builtin_registry()), {}, {}};
  bool json = false;
  for (const auto& word : program.argv) json = json || word == "--json";
  return app::guarded(program, json, [&] {
    const auto command = app::parse(program.argv);
    const int code = command(program);
    return std::fflush(stdout) == 0 ? code : static_cast<int>(femto::Exit::usage);
  });
}
