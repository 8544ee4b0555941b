// Settings in words: tables for the documentation, text for the terminal.
#include <fmt/format.h>

#include "femto/config/setting.h"

namespace femto::config {
namespace {

std::string in_words(const Shape& shape);

std::string entries_in_words(const Shape& shape) {
  const auto& entry = shape.inner.front();
  const bool countable =
      entry.form == Shape::Form::whole || entry.form == Shape::Form::number ||
      entry.form == Shape::Form::text || entry.form == Shape::Form::path ||
      entry.form == Shape::Form::block;
  return in_words(entry) + (countable ? "s" : "");
}

std::string list_in_words(const Shape& shape) {
  const auto entries = entries_in_words(shape);
  return shape.length > 0 ? fmt::format("list of {} {}", shape.length, entries)
                          : "list of " + entries;
}

std::string in_words(const Shape& shape) {
  using Form = Shape::Form;
  switch (shape.form) {
    case Form::flag:
      return "true/false";
    case Form::whole:
      return "whole number";
    case Form::number:
      return "number";
    case Form::text:
      return "text";
    case Form::path:
      return "path";
    case Form::choice:
      return fmt::format("{}", fmt::join(shape.choices, " | "));
    case Form::list:
      return list_in_words(shape);
    case Form::table:
      return "table of " + entries_in_words(shape);
    case Form::block:
      return "block";
    case Form::slot:
      return shape.kind;
  }
  return {};
}

std::string in_cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

void add_rows(const std::vector<Setting>& settings,
              const std::string& prefix,
              std::string& out) {
  for (const auto& s : settings) {
    const bool block = s.shape.form == Shape::Form::block;
    out += fmt::format("| `{}{}` | {} | {} | {} | {} |\n",
                       prefix,
                       s.name,
                       in_cell(s.kind_text()),
                       s.required ? "**required**" : in_cell(s.default_text()),
                       in_cell(s.unit),
                       in_cell(s.doc));
    if (block) add_rows(s.shape.settings, prefix + s.name + '.', out);
  }
}

void add_text(const std::vector<Setting>& settings,
              const std::string& prefix,
              std::string& out) {
  for (const auto& s : settings) {
    const auto standard = s.default_text();
    out += fmt::format("{}{}: {}", prefix, s.name, s.kind_text());
    if (!s.unit.empty()) out += fmt::format(" [{}]", s.unit);
    if (s.required)
      out += ", required";
    else if (!standard.empty())
      out += ", default " + standard;
    out += fmt::format("\n    {}\n", s.doc);
    add_text(s.shape.settings, prefix + s.name + '.', out);
  }
}

}  // namespace

std::string Setting::kind_text() const {
  auto out = in_words(shape);
  const auto limits = rule.text();
  if (!limits.empty()) out += ", " + limits;
  if (rule.infinite) out += ", may be infinite";
  if (shape.optional) out += ", or none";
  return out;
}

std::string Setting::default_text() const {
  if (required || (shape.form == Shape::Form::block && !shape.optional)) return {};
  if (shape.form == Shape::Form::slot && !shape.optional) return shape.default_type;
  return to_inline_yaml(default_value);
}

std::string settings_table(const std::vector<Setting>& settings) {
  if (settings.empty()) return "No settings.\n";
  std::string out =
      "| setting | what | default | unit | meaning |\n|---|---|---|---|---|\n";
  add_rows(settings, "", out);
  return out;
}

std::string settings_text(const std::vector<Setting>& settings) {
  std::string out;
  add_text(settings, "  ", out);
  return out;
}

}  // namespace femto::config
