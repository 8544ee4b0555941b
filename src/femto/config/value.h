// How each type of setting is read from a node, written to one, and described.
#pragma once
#include <array>
#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "femto/config/decoder.h"
#include "femto/config/field.h"
#include "femto/config/path.h"
#include "femto/config/setting.h"

namespace femto::config {

/// Specialised for every type that a setting may have:
/// `decode(Decoder&, const Node&, T&)`, `encode(const T&)`, `shape(const T& default)`,
/// and where defaults need finishing `settle(Decoder&, const Node& around, T&)`.
template <class T>
struct Value;

template <class T>
void decode(Decoder& d, const Node& node, T& out) {
  Value<T>::decode(d, node, out);
}

/// The value with every setting, defaults included.
template <class T>
Node encode(const T& value) {
  return Value<T>::encode(value);
}

/// Finishes a default that was not given: resolves paths, fills slots.
template <class T>
void settle(Decoder& d, const Node& around, T& value) {
  if constexpr (requires { Value<T>::settle(d, around, value); })
    Value<T>::settle(d, around, value);
}

template <>
struct Value<bool> {
  static void decode(Decoder& d, const Node& node, bool& out);
  static Node encode(bool value);

  static Shape shape(bool) { return {.form = Shape::Form::flag}; }
};

template <>
struct Value<std::string> {
  static void decode(Decoder& d, const Node& node, std::string& out);

  static Node encode(const std::string& value) { return text_node(value); }

  static Shape shape(const std::string&) { return {.form = Shape::Form::text}; }
};

template <>
struct Value<Path> {
  static void decode(Decoder& d, const Node& node, Path& out);
  static void settle(Decoder& d, const Node& around, Path& out);
  static Node encode(const Path& value);

  static Shape shape(const Path&) { return {.form = Shape::Form::path}; }
};

Node encode_number(double value);
Node encode_number(float value);
Node encode_whole(std::int64_t value);
Node encode_whole(std::uint64_t value);

template <std::floating_point T>
struct Value<T> {
  static void decode(Decoder& d, const Node& node, T& out) {
    if (const auto value = d.number(node)) out = static_cast<T>(*value);
  }

  static Node encode(T value) { return encode_number(value); }

  static Shape shape(T) { return {.form = Shape::Form::number}; }
};

template <std::integral T>
struct Value<T> {
  static constexpr std::int64_t least = std::numeric_limits<T>::min();
  static constexpr std::uint64_t most = std::numeric_limits<T>::max();
  using Wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;

  static void decode(Decoder& d, const Node& node, T& out) {
    if (const auto bits = d.whole(node, least, most)) out = static_cast<T>(*bits);
  }

  static Node encode(T value) { return encode_whole(static_cast<Wide>(value)); }

  static Shape shape(T) {
    return {.form = Shape::Form::whole, .least = least, .most = most};
  }
};

/// Enums list their spellings: `constexpr auto names(Activation)` returns an array of
/// pairs (text, value), found beside the enum.
template <class E>
  requires std::is_enum_v<E>
struct Value<E> {
  static std::vector<std::string> choices() {
    std::vector<std::string> out;
    for (const auto& pair : names(E{})) out.emplace_back(pair.first);
    return out;
  }

  static void decode(Decoder& d, const Node& node, E& out) {
    const auto list = names(E{});
    if (const auto index = d.choice(node, choices()))
      out = (list.begin() + *index)->second;
  }

  static Node encode(E value) {
    for (const auto& [text, one] : names(E{}))
      if (one == value) return scalar_node(std::string(text));
    throw Bug("a value of an enum is missing in its names()");
  }

  static Shape shape(E) { return {.form = Shape::Form::choice, .choices = choices()}; }
};

template <class T>
struct Value<std::vector<T>> {
  static void decode(Decoder& d, const Node& node, std::vector<T>& out) {
    if (!d.is_list(node)) return;
    out.assign(node.list.size(), T());
    for (std::size_t i = 0; i < node.list.size(); ++i) {
      const Decoder::Step step(d, fmt::format("[{}]", i), node.list[i].where);
      T item = T();
      config::decode(d, node.list[i], item);
      out[i] = std::move(item);
    }
  }

  static void settle(Decoder& d, const Node& around, std::vector<T>& out) {
    if constexpr (!std::is_arithmetic_v<T>)
      for (std::size_t i = 0; i < out.size(); ++i) {
        const Decoder::Step step(d, fmt::format("[{}]", i));
        config::settle(d, around, out[i]);
      }
  }

  static Node encode(const std::vector<T>& value) {
    Node node;
    node.type = Node::Type::list;
    for (const T& item : value) node.list.push_back(config::encode(item));
    return node;
  }

  static Shape shape(const std::vector<T>&) {
    return {.form = Shape::Form::list, .inner = {Value<T>::shape(T())}};
  }
};

/// A list of exactly N entries.
template <class T, std::size_t N>
struct Value<std::array<T, N>> {
  static void decode(Decoder& d, const Node& node, std::array<T, N>& out) {
    if (!d.is_list(node)) return;
    if (node.list.size() != N)
      return d.report(
          node.where,
          fmt::format("expected a list of {} entries, got {}", N, node.list.size()));
    for (std::size_t i = 0; i < N; ++i) {
      const Decoder::Step step(d, fmt::format("[{}]", i), node.list[i].where);
      config::decode(d, node.list[i], out[i]);
    }
  }

  static Node encode(const std::array<T, N>& value) {
    return config::encode(std::vector<T>(value.begin(), value.end()));
  }

  static Shape shape(const std::array<T, N>&) {
    return {.form = Shape::Form::list, .length = N, .inner = {Value<T>::shape(T())}};
  }
};

/// `none` or an empty value is nothing; in quotes "none" is a text.
template <class T>
struct Value<std::optional<T>> {
  static void decode(Decoder& d, const Node& node, std::optional<T>& out) {
    if (node.type == Node::Type::null || (node.scalar == "none" && !node.quoted))
      return out.reset();
    if (!out) out.emplace();
    config::decode(d, node, *out);
  }

  static void settle(Decoder& d, const Node& around, std::optional<T>& out) {
    if (out) config::settle(d, around, *out);
  }

  static Node encode(const std::optional<T>& value) {
    return value ? config::encode(*value) : scalar_node("none");
  }

  static Shape shape(const std::optional<T>& value) {
    auto shape = value ? Value<T>::shape(*value) : Value<T>::shape(T());
    shape.optional = true;
    return shape;
  }
};

/// A table of values by free names. A repeated name is reported with the document.
template <class T>
struct Value<std::map<std::string, T>> {
  static void decode(Decoder& d, const Node& node, std::map<std::string, T>& out) {
    if (!d.is_map(node)) return;
    out.clear();
    for (const auto& entry : node.map) {
      const Decoder::Step step(d, entry.key, entry.value.where);
      T item = T();
      config::decode(d, entry.value, item);
      out.emplace(entry.key, std::move(item));
    }
  }

  static void settle(Decoder& d, const Node& around, std::map<std::string, T>& out) {
    for (auto& [name, item] : out) {
      const Decoder::Step step(d, name);
      config::settle(d, around, item);
    }
  }

  static Node encode(const std::map<std::string, T>& value) {
    Node node;
    node.type = Node::Type::map;
    for (const auto& [name, item] : value) add_entry(node, name, config::encode(item));
    return node;
  }

  static Shape shape(const std::map<std::string, T>&) {
    return {.form = Shape::Form::table, .inner = {Value<T>::shape(T())}};
  }
};

/// A struct with its own rules between settings.
template <class T>
concept Checked = requires(const T& value, Issues& issues) { value.check(issues); };

template <class V>
void decode_setting(
    Decoder& d, Block& block, std::string_view name, const Traits& traits, V& value) {
  if (const auto* node = block.enter(name, traits))
    decode(d, *node, value);
  else if (block.may_settle())
    settle(d, block.node(), value);
  block.leave();
}

/// The comment behind a setting in a written study.
std::string comment_of(const Traits& traits);

Setting make_setting(std::string_view name,
                     const Traits& traits,
                     Shape shape,
                     Node value);

/// Every setting of `T`, with the defaults of `T()`.
template <Described T>
std::vector<Setting> settings_of() {
  const T defaults = T();
  std::vector<Setting> out;
  const auto one = [&](const auto& field) {
    const auto& value = defaults.*(field.member);
    using V = std::remove_cvref_t<decltype(value)>;
    out.push_back(
        make_setting(field.name, field.traits, Value<V>::shape(value), encode(value)));
  };
  std::apply([&](const auto&... field) { (one(field), ...); }, T::fields());
  return out;
}

template <Described T>
struct Value<T> {
  static void decode(Decoder& d, const Node& node, T& out) {
    Block block(d, node);
    const auto fields = T::fields();
    std::apply(
        [&](const auto&... field) {
          (decode_setting(d, block, field.name, field.traits, out.*(field.member)), ...);
        },
        fields);
    if (!block.finish()) return;
    if constexpr (Checked<T>) {
      Issues found;
      out.check(found);
      block.add(found);
    }
  }

  static void settle(Decoder& d, const Node& around, T& out) {
    Node nothing;
    nothing.where = around.where;
    decode(d, nothing, out);
  }

  static Node encode(const T& value) {
    Node node;
    node.type = Node::Type::map;
    const auto one = [&](const auto& field) {
      add_entry(node,
                field.name,
                config::encode(value.*(field.member)),
                comment_of(field.traits));
    };
    std::apply([&](const auto&... field) { (one(field), ...); }, T::fields());
    return node;
  }

  static Shape shape(const T&) {
    return {.form = Shape::Form::block, .settings = settings_of<T>()};
  }
};

}  // namespace femto::config
