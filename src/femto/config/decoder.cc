// Scalars with their rules, and the gathering of issues.
#include "femto/config/decoder.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "femto/core/text.h"

namespace femto::config {
namespace {

// from_chars over the whole text, with the one sign it does not know.
template <class T>
std::optional<T> whole_token(std::string_view s) {
  if (s.size() > 1 && s[0] == '+' && s[1] != '-') s.remove_prefix(1);
  T value{};
  const auto [end, status] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (s.empty() || status != std::errc{} || end != s.data() + s.size()) return {};
  return value;
}

std::optional<double> yaml_infinity(std::string_view s) {
  if (s == ".inf" || s == "+.inf") return HUGE_VAL;
  if (s == "-.inf") return -HUGE_VAL;
  if (s == ".nan") return std::nan("");
  return {};
}

// 1e5 and 3.0 are whole numbers, up to where a double holds every one.
std::optional<std::int64_t> whole_from_decimal(std::string_view s) {
  constexpr double exact = 9007199254740992.0;
  const auto x = whole_token<double>(s);
  if (!x || !(std::abs(*x) <= exact) || *x != std::floor(*x)) return {};
  return static_cast<std::int64_t>(*x);
}

std::string without_separators(std::string_view s) {
  std::string out;
  std::copy_if(s.begin(), s.end(), std::back_inserter(out), [](char c) {
    return c != '_' && c != ',' && c != '\'';
  });
  return out;
}

std::string hint_for(const Node& node) {
  if (node.type == Node::Type::null) return "leave the line out to use the default";
  if (node.type != Node::Type::scalar) return {};
  const auto bare = without_separators(node.scalar);
  if (bare == node.scalar || !whole_token<double>(bare)) return {};
  return fmt::format("write {}", bare);
}

}  // namespace

std::string suggestion(std::string_view word,
                       const std::vector<std::string>& known,
                       std::string_view list_head) {
  if (const auto near = closest(word, known))
    return fmt::format("did you mean '{}'?", *near);
  if (known.empty()) return fmt::format("{}: none", list_head);
  return fmt::format("{}: {}", list_head, fmt::join(known, ", "));
}

void Decoder::report(Where where, std::string what, std::string hint) {
  issues_.push_back({std::move(where), path_, std::move(what), std::move(hint)});
}

void Decoder::warn(Where where, std::string what, std::string hint) {
  warnings_.push_back({std::move(where), path_, std::move(what), std::move(hint)});
}

Decoder::Step::Step(Decoder& decoder, std::string_view name)
    : decoder_(decoder), size_(decoder.path_.size()) {
  auto& path = decoder_.path_;
  if (!path.empty() && name.substr(0, 1) != "[") path += '.';
  path += name;
  ++decoder_.depth_;
}

Decoder::Step::Step(Decoder& decoder, std::string_view name, const Where& where)
    : Step(decoder, name) {
  decoder_.places_.emplace(decoder_.path_, where);
}

Decoder::Step::~Step() {
  decoder_.path_.resize(size_);
  --decoder_.depth_;
}

std::optional<bool> Decoder::flag(const Node& node) {
  const bool bare = node.type == Node::Type::scalar && !node.quoted;
  if (bare && node.scalar == "true") return true;
  if (bare && node.scalar == "false") return false;
  report(node.where, "expected true or false, got " + shown(node), hint_for(node));
  return {};
}

std::optional<double> Decoder::number(const Node& node) {
  std::optional<double> value;
  if (node.type == Node::Type::scalar && !node.quoted) {
    value = whole_token<double>(node.scalar);
    if (!value) value = yaml_infinity(node.scalar);
  }
  if (!value) {
    report(node.where, "expected a number, got " + shown(node), hint_for(node));
    return {};
  }
  check_rule(node, *value);
  return value;
}

std::optional<std::uint64_t> Decoder::whole(const Node& node,
                                            std::int64_t min,
                                            std::uint64_t max) {
  std::optional<std::int64_t> below;  // as a signed number
  std::optional<std::uint64_t> value;
  if (node.type == Node::Type::scalar && !node.quoted) {
    value = whole_token<std::uint64_t>(node.scalar);
    if (!value) below = whole_token<std::int64_t>(node.scalar);
    if (!value && !below) below = whole_from_decimal(node.scalar);
    if (below && *below >= 0) value = static_cast<std::uint64_t>(*below);
  }
  const bool digits = node.type == Node::Type::scalar && !node.scalar.empty() &&
                      !node.quoted &&
                      std::all_of(node.scalar.begin() + (node.scalar.front() == '-'),
                                  node.scalar.end(),
                                  [](char c) { return c >= '0' && c <= '9'; });
  if (!value && !below && !(digits && node.scalar != "-")) {
    report(node.where, "expected a whole number, got " + shown(node), hint_for(node));
    return {};
  }
  const bool fits = value ? *value <= max : below && *below >= min;
  if (!fits) {
    report(node.where,
           fmt::format("{} must be between {} and {}", node.scalar, min, max));
    return {};
  }
  check_rule(node, value ? static_cast<double>(*value) : static_cast<double>(*below));
  return value ? *value : static_cast<std::uint64_t>(*below);
}

std::optional<std::string> Decoder::text(const Node& node) {
  if (node.type != Node::Type::scalar) {
    report(node.where,
           "expected text, got " + shown(node),
           node.type == Node::Type::null ? "an empty text is written \"\"" : "");
    return {};
  }
  check_filled(node, node.scalar.size());
  return node.scalar;
}

std::optional<std::size_t> Decoder::choice(const Node& node,
                                           const std::vector<std::string>& choices) {
  const auto it = std::find(choices.begin(), choices.end(), node.scalar);
  if (node.type == Node::Type::scalar && it != choices.end())
    return static_cast<std::size_t>(it - choices.begin());
  if (node.type == Node::Type::scalar)
    report(node.where,
           "unknown choice " + shown(node),
           suggestion(node.scalar, choices, "choices"));
  else
    report(
        node.where,
        fmt::format("expected one of {}, got {}", fmt::join(choices, ", "), shown(node)));
  return {};
}

bool Decoder::is_list(const Node& node) {
  if (node.type != Node::Type::list) {
    const auto hint =
        node.type == Node::Type::scalar
            ? fmt::format("a list of one entry is written [{}]", node.scalar)
            : std::string();
    report(node.where, "expected a list, got " + shown(node), hint);
    return false;
  }
  check_filled(node, node.list.size());
  return true;
}

bool Decoder::is_map(const Node& node) {
  if (node.type != Node::Type::map && node.type != Node::Type::null) {
    report(node.where, "expected a block of `name: value`, got " + shown(node));
    return false;
  }
  check_filled(node, node.map.size());
  return true;
}

void Decoder::check_rule(const Node& node, double value) {
  const Rule rule = traits_ ? traits_->rule : anything;
  if (rule.holds(value)) return;
  const std::string doc = traits_ ? fmt::format(" ({})", traits_->doc) : std::string();
  if (std::isnan(value) || (std::isinf(value) && !rule.infinite))
    report(
        node.where,
        fmt::format(
            "{} must be a {}number{}", node.scalar, rule.infinite ? "" : "finite ", doc));
  else
    report(node.where, fmt::format("{} must be {}{}", value, rule.text(), doc));
}

void Decoder::check_filled(const Node& node, std::size_t size) {
  if (traits_ && traits_->rule.filled && size == 0)
    report(node.where, fmt::format("must not be empty ({})", traits_->doc));
}

}  // namespace femto::config
