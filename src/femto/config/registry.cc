// Looking up components, and filling the slots of a study with them.
#include "femto/config/registry.h"

#include <fmt/format.h>

#include "femto/config/document.h"
#include "femto/core/text.h"

namespace femto {
namespace {

constexpr int most_slot_depth = 60;

std::vector<std::string> names_on(const Registry::Shelf& shelf) {
  std::vector<std::string> names;
  for (const auto& [name, entry] : shelf) names.push_back(name);
  return names;
}

std::string no_such(std::string_view kind, std::string_view name) {
  return fmt::format("no {} is called '{}'", kind, name);
}

}  // namespace

std::string Registry::Entry::table() const {
  return config::settings_table(settings());
}

std::string Registry::Entry::describe() const {
  auto out = fmt::format("{}/{}\n  {}\n", kind, about.name, about.summary);
  if (!about.source.empty()) out += fmt::format("  source: {}\n", about.source);
  const auto list = settings();
  return out + (list.empty() ? "\nno settings\n" : "\n" + config::settings_text(list));
}

const Registry::Shelf& Registry::shelf(std::string_view kind) const {
  static const Shelf none;
  const auto it = shelves_.find(kind);
  return it == shelves_.end() ? none : it->second;
}

const Registry::Entry& Registry::entry(std::string_view kind,
                                       std::string_view name) const {
  const auto& on_shelf = shelf(kind);
  const auto it = on_shelf.find(name);
  if (it == on_shelf.end())
    throw Error(no_such(kind, name),
                config::suggestion(name, names_on(on_shelf), "known"));
  return it->second;
}

void Registry::put(Entry entry) {
  for (const auto& setting : entry.settings())
    if (setting.name == "type")
      throw Bug(
          fmt::format("{} '{}' has a setting called 'type', the word that chooses it",
                      entry.kind,
                      entry.about.name));
  auto& shelf = shelves_[entry.kind];
  const auto name = entry.about.name;
  const auto kind = entry.kind;
  if (!shelf.emplace(name, std::move(entry)).second)
    throw Bug(
        fmt::format("two components of kind '{}' are both called '{}'", kind, name));
}

std::any Registry::decode_alone(const Entry& entry, std::string_view yaml) const {
  const auto file = entry.kind + "/" + entry.about.name;
  config::Sources sources;
  sources.add(file, std::string(yaml));
  const auto node = config::parse(yaml, file);
  std::vector<config::Issue> issues;
  config::report_repeats(node, "", issues);
  config::Decoder d(*this);
  auto settings = entry.decode(d, node);
  issues.insert(issues.end(), d.issues().begin(), d.issues().end());
  if (!issues.empty()) throw config::ConfigError(std::move(issues), sources);
  return settings;
}

namespace config {
namespace {

struct Choice {
  std::string type;
  Where where;    // of the name
  Node settings;  // the block without `type:`
};

std::optional<Choice> choose(Decoder& d,
                             const Node& node,
                             std::string_view kind,
                             const std::string& default_type) {
  Choice choice{default_type, node.where, {}};
  choice.settings.where = node.where;
  const Node* type = nullptr;
  if (node.type == Node::Type::scalar) {
    choice.type = node.scalar;
    return choice;
  }
  if (node.type == Node::Type::list) {
    d.report(node.where,
             fmt::format("expected the name of a {} or a block with 'type:', got a list",
                         kind));
    return {};
  }
  if (node.type == Node::Type::map) {
    choice.settings.type = Node::Type::map;
    for (const auto& entry : node.map)
      if (entry.key != "type")
        choice.settings.map.push_back(entry);
      else if (!type)
        type = &entry.value;
  }
  if (type) {
    const Decoder::Step step(d, "type", type->where);
    if (type->type != Node::Type::scalar) {
      d.report(type->where,
               fmt::format("expected the name of a {}, got {}", kind, shown(*type)));
      return {};
    }
    choice.type = type->scalar;
    choice.where = type->where;
  } else if (default_type.empty()) {
    d.report(
        node.where,
        fmt::format("needs a 'type:' that names the {}", kind),
        fmt::format("known: {}", fmt::join(names_on(d.registry().shelf(kind)), ", ")));
    return {};
  }
  return choice;
}

}  // namespace

const Registry::Entry* fill_slot(Decoder& d,
                                 const Node& node,
                                 std::string_view kind,
                                 const std::string& default_type,
                                 std::any& settings) {
  const auto choice = choose(d, node, kind, default_type);
  if (!choice) return nullptr;
  if (d.depth() > most_slot_depth) {
    d.report(choice->where, fmt::format("{} '{}' contains itself", kind, choice->type));
    return nullptr;
  }
  const auto& shelf = d.registry().shelf(kind);
  const auto it = shelf.find(choice->type);
  if (it == shelf.end()) {
    const Decoder::Step step(d, "type");
    d.report(choice->where,
             no_such(kind, choice->type),
             suggestion(choice->type, names_on(shelf), "known"));
    return nullptr;
  }
  settings = it->second.decode(d, choice->settings);
  return &it->second;
}

Node encode_slot(const std::string& type, Node settings) {
  Node node;
  node.type = Node::Type::map;
  node.map.push_back({"type", {}, text_node(type), {}});
  for (auto& entry : settings.map) node.map.push_back(std::move(entry));
  return node;
}

}  // namespace config
}  // namespace femto
