// Settings as data: what documentation, schema and bindings need to know of them.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "femto/config/node.h"
#include "femto/config/rule.h"

namespace femto::config {

struct Setting;

/// What a value looks like.
struct Shape {
  enum class Form { flag, whole, number, text, path, choice, list, table, block, slot };
  Form form = Form::text;
  bool optional = false;   // may also be `none`
  std::int64_t least = 0;  // whole: range of the C++ type
  std::uint64_t most = 0;  // whole
  std::size_t length = 0;  // list: fixed length, 0 means any
  std::vector<std::string> choices = {};
  std::vector<Shape> inner = {};  // list, table: of the entries
  std::vector<Setting> settings;  // block (no initialiser: Setting is not complete yet)
  std::string kind = {};          // slot
  std::string default_type = {};  // slot: component used when `type:` is left out
};

struct Setting {
  std::string name, doc, unit, was;
  Rule rule;
  bool required = false;
  Shape shape;
  Node default_value;

  /// "whole number, positive", "list of numbers", "a | b".
  std::string kind_text() const;

  /// As it would stand in a study; empty where required.
  std::string default_text() const;
};

/// Markdown table: setting, what, default, unit, meaning. Blocks add rows `block.name`.
std::string settings_table(const std::vector<Setting>& settings);

/// Plain text for the terminal, one setting after the other.
std::string settings_text(const std::vector<Setting>& settings);

}  // namespace femto::config
