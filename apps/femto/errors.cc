// Prints errors.
#include "errors.h"

#include <cstdio>
#include <new>

#include "terminal.h"
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "femto/config/issues.h"
#include "femto/core/interrupt.h"
#include "femto/pipeline/build_info.h"

namespace femto::app {
namespace {

using nlohmann::ordered_json;

const char* kind_of(Exit code) {
  switch (code) {
    case Exit::data:
      return "data";
    case Exit::numerical:
      return "numerical";
    case Exit::bug:
      return "bug";
    case Exit::interrupted:
    case Exit::terminated:
      return "interrupted";
    default:
      return "usage";
  }
}

struct Told {
  Exit code;
  std::string what, hint;
  ordered_json issues;  // of a study; null otherwise
  bool names_rank = false;
};

void print(const Told& told, const Program& program, bool json) {
  const auto folder = program.run_folder.string();
  if (json) {
    ordered_json error = {{"code", static_cast<int>(told.code)},
                          {"kind", kind_of(told.code)},
                          {"message", told.what},
                          {"hint", told.hint}};
    if (!told.issues.is_null()) error["issues"] = told.issues;
    if (!folder.empty()) error["run"] = folder;
    fmt::print(stderr, "{}\n", ordered_json{{"error", error}}.dump());
    return;
  }
  const Style style(stderr);
  const bool stopped = told.code == Exit::interrupted || told.code == Exit::terminated;
  fmt::print(stderr,
             "{} {}{}\n",
             stopped ? style.bold("stopped:") : style.red("error:"),
             program.leads() || told.names_rank
                 ? std::string()
                 : fmt::format("rank {}: ", program.world->rank()),
             told.what);
  if (!told.hint.empty()) fmt::print(stderr, "  {}\n", told.hint);
  if (!folder.empty() && !stopped) fmt::print(stderr, "  run folder: {}\n", folder);
}

ordered_json issues_json(const config::ConfigError& error) {
  ordered_json out = ordered_json::array();
  for (const auto& issue : error.issues())
    out.push_back({{"file", issue.where.file},
                   {"line", issue.where.line},
                   {"column", issue.where.column},
                   {"path", issue.path},
                   {"message", issue.what},
                   {"hint", issue.hint}});
  return out;
}

Told bug(const std::string& what) {
  return {Exit::bug,
          "this is a mistake in femto, not yours: " + what,
          fmt::format("please report it with the command and `femto {}` ({})",
                      build::version(),
                      build::revision()),
          {}};
}

Told interrupted(const Interrupted& stop, const Program& program) {
  const auto folder = program.run_folder.string();
  return {
      stop.code(),
      folder.empty() ? std::string(stop.what())
                     : fmt::format("{}; a checkpoint was written", stop.what()),
      folder.empty() ? stop.hint() : fmt::format("go on with: femto resume {}", folder),
      {}};
}

}  // namespace

int guarded(Program& program, bool json, const std::function<int()>& work) {
  Told told{Exit::bug, {}, {}, {}};
  bool others_know = false, others_say = false;
  try {
    return work();
  } catch (const Interrupted& stop) {
    told = interrupted(stop, program);
    others_say = !program.leads();
  } catch (const config::ConfigError& error) {
    told = {error.code(), error.what(), error.hint(), issues_json(error)};
  } catch (const exchange::ExchangeError& error) {
    told = {error.code(), error.what(), error.hint(), {}, true};
    others_know = error.cause() == exchange::Cause::abandoned;
    others_say = others_know && !program.leads();
  } catch (const Error& error) {
    told = {error.code(), error.what(), error.hint(), {}};
  } catch (const std::bad_alloc&) {
    told = {Exit::numerical,
            "there is not enough memory",
            "use fewer events, data.memory_limit, or a smaller network",
            {}};
  } catch (const std::filesystem::filesystem_error& error) {
    told = {Exit::usage, error.what(), {}, {}};
  } catch (const std::exception& error) {
    told = bug(error.what());
  }
  // Before words: the others must not go on waiting for this rank.
  if (program.world && !others_know) program.world->abandon(told.what, told.code);
  if (!others_say) print(told, program, json);
  return static_cast<int>(told.code);
}

}  // namespace femto::app
