// femto list, describe and schema: what studies can be made of.
#include "commands.h"
#include "terminal.h"
#include <fmt/format.h>

#include "femto/config/describe.h"
#include "femto/config/schema.h"
#include "femto/core/log.h"
#include "femto/pipeline/image_study.h"
#include "femto/pipeline/study.h"
#include "femto/pipeline/unfold_study.h"

namespace femto::app {
namespace {

const Registry& everything(Program& program) {
  program.components.load_all();
  for (const auto& plugin : program.components.plugins())
    if (!plugin.loaded)
      log::warn(
          "plugin '{}' could not be loaded: {}", plugin.file.string(), plugin.reason);
  return program.components.registry();
}

std::vector<std::string> kinds_of(const Registry& registry) {
  std::vector<std::string> kinds;
  for (const auto& [kind, shelf] : registry.shelves()) kinds.push_back(kind);
  return kinds;
}

void check_kind(const Registry& registry, const std::string& kind) {
  if (!kind.empty() && !registry.shelves().contains(kind))
    throw Error(fmt::format("there is no kind '{}' of component", kind),
                config::suggestion(kind, kinds_of(registry), "known"));
}

template <class Described>
int describe_study(const DescribeCommand& c, const Registry& registry) {
  fmt::print("{}",
             c.json ? config::schema<Described>(registry, c.name).dump(2) + "\n"
                    : config::describe<Described>());
  return 0;
}

}  // namespace

int list(const ListCommand& c, Program& program) {
  const auto& registry = everything(program);
  check_kind(registry, c.kind);
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  std::size_t width = 0;
  for (const auto& [kind, shelf] : registry.shelves())
    for (const auto& [name, entry] : shelf)
      if (c.kind.empty() || kind == c.kind)
        width = std::max(width, kind.size() + name.size() + 1);
  for (const auto& [kind, shelf] : registry.shelves()) {
    if (!c.kind.empty() && kind != c.kind) continue;
    for (const auto& [name, entry] : shelf) {
      if (!c.json)
        fmt::print(
            "{:<{}}  {}\n", fmt::format("{}/{}", kind, name), width, entry.about.summary);
      json.push_back({{"kind", kind},
                      {"name", name},
                      {"summary", entry.about.summary},
                      {"source", entry.about.source}});
    }
  }
  if (c.json) fmt::print("{}\n", json.dump(2));
  return 0;
}

int describe(const DescribeCommand& c, Program& program) {
  const auto& registry = everything(program);
  if (c.name == "study") return describe_study<Study>(c, registry);
  if (c.name == "unfolding") return describe_study<UnfoldStudy>(c, registry);
  if (c.name == "image") return describe_study<ImageStudy>(c, registry);
  const auto slash = c.name.find('/');
  if (slash == c.name.npos)
    throw Error(fmt::format("'{}' is not KIND/NAME", c.name),
                "for example theory/proxy1d; see `femto list`");
  const auto kind = c.name.substr(0, slash);
  check_kind(registry, kind);
  const auto& entry = registry.entry(kind, c.name.substr(slash + 1));
  fmt::print(
      "{}",
      c.json ? config::schema_of(entry, registry).dump(2) + "\n" : entry.describe());
  return 0;
}

int schema(const SchemaCommand&, Program& program) {
  fmt::print("{}\n", config::schema<Study>(everything(program)).dump(2));
  return 0;
}

}  // namespace femto::app
