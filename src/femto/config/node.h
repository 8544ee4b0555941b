// A parsed document: values that remember where they were written.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace femto::config {

/// The file name in messages about `key.path=value` arguments.
inline constexpr std::string_view command_line = "command line";

/// 1-based position (column in bytes) in a source; line 0 means "not from a source".
struct Where {
  std::string file;
  int line = 0, column = 0;
};

/// One YAML value. Types are decided by what reads it, so scalars stay text.
struct Node {
  enum class Type { null, scalar, list, map };
  struct Entry;

  Type type = Type::null;
  Where where;
  std::string scalar;
  bool quoted = false;  // "none" in quotes is text, none without is nothing
  std::vector<Node> list;
  std::vector<Entry> map;  // in document order; may hold repeated keys

  /// The first value under `key`, or null.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
};

struct Node::Entry {
  std::string key;
  Where where;
  Node value;
  std::string comment;  // written behind the value
};

/// Same content; positions, comments and quotes do not count.
bool operator==(const Node& a, const Node& b);

/// The text on one line: control characters become spaces.
std::string one_line(std::string_view text);

/// How messages call it: "'text'", "a list", "a block", "nothing".
std::string shown(const Node& node);

/// Adds `key: value` to a map.
void add_entry(Node& map, std::string_view key, Node value, std::string comment = {});

Node scalar_node(std::string text);

/// Text that reads back as the same text, quoted where it could be mistaken.
Node text_node(std::string text);

/// As a YAML document, block style, lists of plain values on one line.
std::string to_yaml(const Node& node);

/// On one line, as in `[1, 2]`.
std::string to_inline_yaml(const Node& node);

}  // namespace femto::config
