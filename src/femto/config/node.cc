// Lookup and comparison of nodes.
#include "femto/config/node.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace femto::config {
namespace {

std::string shortened(const std::string& text) {
  constexpr std::size_t widest = 60;
  return text.size() <= widest ? text : text.substr(0, widest - 3) + "...";
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  const auto it =
      std::find_if(map.begin(), map.end(), [&](const Entry& e) { return e.key == key; });
  return it == map.end() ? nullptr : &it->value;
}

Node* Node::find(std::string_view key) {
  return const_cast<Node*>(std::as_const(*this).find(key));
}

bool operator==(const Node& a, const Node& b) {
  const auto same_entry = [](const Node::Entry& x, const Node::Entry& y) {
    return x.key == y.key && x.value == y.value;
  };
  return a.type == b.type && a.scalar == b.scalar && a.list == b.list &&
         std::equal(a.map.begin(), a.map.end(), b.map.begin(), b.map.end(), same_entry);
}

std::string one_line(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(),
      out.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; },
      ' ');
  return out;
}

std::string shown(const Node& node) {
  switch (node.type) {
    case Node::Type::null:
      return "nothing";
    case Node::Type::scalar:
      return fmt::format("'{}'", one_line(shortened(node.scalar)));
    case Node::Type::list:
      return "a list";
    case Node::Type::map:
      return "a block";
  }
  return "nothing";
}

void add_entry(Node& map, std::string_view key, Node value, std::string comment) {
  Node::Entry entry;
  entry.key = key;
  entry.value = std::move(value);
  entry.comment = std::move(comment);
  map.map.push_back(std::move(entry));
}

Node scalar_node(std::string text) {
  Node node;
  node.type = Node::Type::scalar;
  node.scalar = std::move(text);
  return node;
}

}  // namespace femto::config
