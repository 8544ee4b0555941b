// The parts of reading and writing values that need no template.
#include "femto/config/value.h"

#include <fmt/format.h>

namespace femto::config {
namespace {

template <class T>
std::string shortest(T value) {
  if (value != value) return ".nan";
  if (value == std::numeric_limits<T>::infinity()) return ".inf";
  if (value == -std::numeric_limits<T>::infinity()) return "-.inf";
  return fmt::format("{}", value);
}

}  // namespace

Path resolved(std::string text, const std::string& source) {
  Path path(std::move(text));
  if (path.empty()) return path;
  if (source != command_line)
    path.file = std::filesystem::path(source).parent_path() / path.file;
  path.file = std::filesystem::absolute(path.file).lexically_normal();
  return path;
}

void Value<bool>::decode(Decoder& d, const Node& node, bool& out) {
  if (const auto value = d.flag(node)) out = *value;
}

Node Value<bool>::encode(bool value) {
  return scalar_node(value ? "true" : "false");
}

void Value<std::string>::decode(Decoder& d, const Node& node, std::string& out) {
  if (auto value = d.text(node)) out = std::move(*value);
}

void Value<Path>::decode(Decoder& d, const Node& node, Path& out) {
  if (auto value = d.text(node)) out = resolved(std::move(*value), node.where.file);
}

void Value<Path>::settle(Decoder&, const Node& around, Path& out) {
  out = resolved(std::move(out.text), around.where.file);
}

Node Value<Path>::encode(const Path& value) {
  return text_node(value.file.string());
}

Node encode_number(double value) {
  return scalar_node(shortest(value));
}

Node encode_number(float value) {
  return scalar_node(shortest(value));
}

Node encode_whole(std::int64_t value) {
  return scalar_node(fmt::format("{}", value));
}

Node encode_whole(std::uint64_t value) {
  return scalar_node(fmt::format("{}", value));
}

std::string comment_of(const Traits& traits) {
  if (traits.unit.empty()) return std::string(traits.doc);
  return fmt::format("{} [{}]", traits.doc, traits.unit);
}

Setting make_setting(std::string_view name,
                     const Traits& traits,
                     Shape shape,
                     Node value) {
  return {.name = std::string(name),
          .doc = std::string(traits.doc),
          .unit = std::string(traits.unit),
          .was = std::string(traits.was),
          .rule = traits.rule,
          .required = traits.required,
          .shape = std::move(shape),
          .default_value = std::move(value)};
}

}  // namespace femto::config
