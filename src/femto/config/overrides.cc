// Edits a document by `key.path=value` arguments.
#include "femto/config/overrides.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "femto/config/document.h"

namespace femto::config {
namespace {

struct Part {
  std::string name;                  // as written: "solver", "2"
  std::optional<std::size_t> index;  // in brackets or all digits
  bool bracketed = false;
  int column = 1;
};

struct Problem {
  int column;
  std::string what, hint;
};

[[noreturn]] void malformed(std::size_t at, std::string what) {
  throw Problem{static_cast<int>(at) + 1,
                std::move(what),
                "write key.path=value, as in solver.epochs=5 or start[2]=0.5"};
}

std::optional<std::size_t> index_of(std::string_view digits) {
  std::size_t value = 0;
  const auto [end, status] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || status != std::errc{} || end != digits.data() + digits.size())
    return {};
  return value;
}

// "a.b[2]" -> a, b, [2]; `key` starts at the first column of the argument.
std::vector<Part> parts_of(std::string_view key) {
  std::vector<Part> parts;
  std::size_t at = 0;
  while (at <= key.size()) {
    const auto end = std::min(key.find_first_of(".[", at), key.size());
    const auto name = key.substr(at, end - at);
    if (name.empty()) malformed(at, "a name is missing here");
    parts.push_back({std::string(name), index_of(name), false, static_cast<int>(at) + 1});
    at = end;
    while (at < key.size() && key[at] == '[') {
      const auto close = key.find(']', at);
      if (close == key.npos) malformed(at, "'[' has no ']'");
      const auto digits = key.substr(at + 1, close - at - 1);
      const auto index = index_of(digits);
      if (!index) malformed(at + 1, "expected the number of a list entry, from 0");
      parts.push_back({std::string(digits), index, true, static_cast<int>(at) + 1});
      at = close + 1;
    }
    if (at == key.size()) break;
    if (key[at] != '.') malformed(at, "expected '.' or '=' here");
    ++at;
  }
  return parts;
}

void place_at(Node& node, int line, int offset) {
  const auto place = [&](Where& where) {
    where.file = command_line;
    where.column = offset + (where.line == 1 ? where.column : 1);
    where.line = line;
  };
  place(node.where);
  for (auto& item : node.list) place_at(item, line, offset);
  for (auto& entry : node.map) {
    place(entry.where);
    place_at(entry.value, line, offset);
  }
}

Node value_of(std::string_view text, int line, std::size_t offset) {
  try {
    auto node = parse(text, std::string(command_line));
    if (node.where.line == 0) node.where = {"", 1, 1};
    place_at(node, line, static_cast<int>(offset));
    return node;
  } catch (const ConfigError& e) {
    const auto& issue = e.issues().front();
    const int column = issue.where.line == 1 ? issue.where.column : 1;
    throw Problem{static_cast<int>(offset) + column, issue.what, issue.hint};
  }
}

// `detector: gaussian` becomes `detector: {type: gaussian}` before it gets settings.
void open_bare_word(Node& node) {
  if (node.type != Node::Type::scalar) return;
  Node type = node;
  node.type = Node::Type::map;
  node.scalar.clear();
  node.quoted = false;
  node.map.push_back({"type", type.where, std::move(type), {}});
}

Node& entry_of(Node& list, const Part& part, const std::string& before) {
  if (list.type != Node::Type::list)
    throw Problem{
        part.column,
        fmt::format("the study gives no list '{}' to change an entry of", before),
        fmt::format("give the whole list: {}=[...]", before)};
  if (*part.index >= list.list.size())
    throw Problem{part.column,
                  fmt::format("'{}' has {} entr{}, counted from 0",
                              before,
                              list.list.size(),
                              list.list.size() == 1 ? "y" : "ies"),
                  fmt::format("give the whole list: {}=[...]", before)};
  return list.list[*part.index];
}

Node& child_of(Node& node,
               const Part& part,
               const std::string& before,
               const Where& where) {
  const bool entry = part.bracketed || (part.index && node.type == Node::Type::list);
  if (entry) return entry_of(node, part, before);
  open_bare_word(node);
  if (node.type == Node::Type::list)
    throw Problem{part.column,
                  fmt::format("'{}' is a list; its entries have numbers", before),
                  fmt::format("write {}[0].{}", before, part.name)};
  node.type = Node::Type::map;
  if (auto* found = node.find(part.name)) return *found;
  Node made;
  made.where = where;
  node.map.push_back({part.name, where, std::move(made), {}});
  return node.map.back().value;
}

// Keys in messages point at the argument that changed them last.
void mark_key(Node& node, const Part& part, const Where& where) {
  const auto it = std::find_if(node.map.begin(), node.map.end(), [&](const auto& entry) {
    return entry.key == part.name;
  });
  if (it != node.map.end()) it->where = where;
}

void apply(Node& root, std::string_view argument, int line, std::vector<Issue>& issues) {
  const auto equals = argument.find('=');
  if (equals == argument.npos) malformed(argument.size(), "'=' is missing");
  const auto parts = parts_of(argument.substr(0, equals));
  auto value = value_of(argument.substr(equals + 1), line, equals + 1);
  Node edited = root;
  Node* node = &edited;
  std::string before;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto& part = parts[i];
    const Where where{std::string(command_line), line, part.column};
    auto& child = child_of(*node, part, before, where);
    if (i + 1 == parts.size()) mark_key(*node, part, where);
    before +=
        part.bracketed ? '[' + part.name + ']' : (before.empty() ? "" : ".") + part.name;
    node = &child;
  }
  report_repeats(value, before, issues);
  *node = std::move(value);
  root = std::move(edited);
}

}  // namespace

void apply_overrides(Node& root,
                     std::span<const std::string> arguments,
                     std::vector<Issue>& issues) {
  int line = 0;
  for (const auto& argument : arguments) {
    ++line;
    try {
      apply(root, argument, line, issues);
    } catch (const Problem& problem) {
      const auto key = argument.substr(0, argument.find('='));
      issues.push_back({{std::string(command_line), line, problem.column},
                        key,
                        problem.what,
                        problem.hint});
    }
  }
}

std::string as_source(std::span<const std::string> arguments) {
  std::string out;
  for (auto argument : arguments) {
    std::replace(argument.begin(), argument.end(), '\n', ' ');
    out += argument + '\n';
  }
  return out;
}

}  // namespace femto::config
