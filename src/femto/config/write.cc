// Nodes back to YAML text.
#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "femto/config/node.h"

namespace femto::config {
namespace {

bool plain_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) ||
         std::string_view("_./+-()^").find(c) != std::string_view::npos;
}

// Whether YAML reads the bare text as one plain scalar.
bool plain(std::string_view text) {
  if (text.empty() || text == "..." || text.substr(0, 3) == "---") return false;
  const auto first = static_cast<unsigned char>(text.front());
  const bool sign = first == '-' || first == '+';
  if (sign && (text.size() == 1 || text[1] == ' ')) return false;
  if (text.front() == ' ' || text.back() == ' ') return false;
  return std::all_of(
      text.begin(), text.end(), [](char c) { return c == ' ' || plain_character(c); });
}

// Whether some reader of YAML could take the bare text for something else than text.
bool mistakable(std::string_view text) {
  static constexpr std::array words = {
      "true", "false", "yes", "no", "on", "off", "y", "n", "null", "none", "inf", "nan"};
  std::string lower(text);
  for (auto& c : lower)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (std::find(words.begin(), words.end(), lower) != words.end()) return true;
  const auto first = static_cast<unsigned char>(text.front());
  if (text.size() > 1 && (first == '.' || first == '+' || first == '-')) {
    const auto next = static_cast<unsigned char>(text[1]);
    return !(first == '.' && (next == '/' || next == '.'));
  }
  return !std::isalpha(first) && first != '_' && first != '/';
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (code < 0x20 || code == 0x7F)
      out += fmt::format("\\x{:02x}", code);
    else
      out += c;
  }
  return out + '"';
}

std::string scalar_text(const Node& node) {
  if (node.type == Node::Type::null) return "null";
  return node.quoted || !plain(node.scalar) ? in_quotes(node.scalar) : node.scalar;
}

std::string key_text(std::string_view key) {
  return plain(key) ? std::string(key) : in_quotes(key);
}

bool has_map(const Node& node) {
  return (node.type == Node::Type::map && !node.map.empty()) ||
         std::any_of(node.list.begin(), node.list.end(), has_map);
}

void write_block(const Node& node, int indent, std::string& out);

// What stands behind `key:` or `-`, up to and with the end of the line(s).
void write_value(const Node& node,
                 std::string_view comment,
                 int indent,
                 std::string& out) {
  const auto note = comment.empty() ? "" : "  # " + one_line(comment);
  if (!has_map(node)) {
    out += ' ' + to_inline_yaml(node) + note + '\n';
    return;
  }
  out += note + '\n';
  write_block(node, indent, out);
}

void write_block(const Node& node, int indent, std::string& out) {
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  for (const auto& entry : node.map) {
    out += margin + key_text(entry.key) + ':';
    write_value(entry.value, entry.comment, indent + 2, out);
  }
  for (const auto& item : node.list) {
    if (!has_map(item)) {
      out += margin + "- " + to_inline_yaml(item) + '\n';
      continue;
    }
    std::string inner;
    write_block(item, indent + 2, inner);
    out += margin + "- " + inner.substr(margin.size() + 2);
  }
}

}  // namespace

Node text_node(std::string text) {
  auto node = scalar_node(std::move(text));
  node.quoted = !plain(node.scalar) || mistakable(node.scalar);
  return node;
}

std::string to_inline_yaml(const Node& node) {
  std::string out;
  if (node.type == Node::Type::list) {
    for (const auto& item : node.list)
      out += (out.empty() ? "" : ", ") + to_inline_yaml(item);
    return '[' + out + ']';
  }
  if (node.type == Node::Type::map) {
    for (const auto& entry : node.map)
      out += (out.empty() ? "" : ", ") + key_text(entry.key) + ": " +
             to_inline_yaml(entry.value);
    return '{' + out + '}';
  }
  return scalar_text(node);
}

std::string to_yaml(const Node& node) {
  if (!has_map(node)) return to_inline_yaml(node) + '\n';
  std::string out;
  write_block(node, 0, out);
  return out;
}

}  // namespace femto::config
