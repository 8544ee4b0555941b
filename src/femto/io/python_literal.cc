// The few Python literals that occur in the header of an .npy file.
#include "femto/io/python_literal.h"

#include <charconv>

namespace femto::io {
namespace {

constexpr int deepest = 8;

class Parser {
 public:
  explicit Parser(std::string_view text) : left_(text) {}

  std::optional<PythonLiteral> whole() {
    PythonLiteral value;
    if (!parse(value, 0)) return std::nullopt;
    skip();
    if (!left_.empty()) return std::nullopt;
    return value;
  }

 private:
  using Kind = PythonLiteral::Kind;

  void skip() {
    while (!left_.empty() &&
           std::string_view(" \t\r\n").find(left_[0]) != std::string_view::npos)
      left_.remove_prefix(1);
  }

  bool take(std::string_view word) {
    skip();
    if (!left_.starts_with(word)) return false;
    left_.remove_prefix(word.size());
    return true;
  }

  bool parse(PythonLiteral& out, int depth) {
    if (depth > deepest) return false;
    if (take("{")) return sequence(out, Kind::dict, "}", depth);
    if (take("(")) return sequence(out, Kind::sequence, ")", depth);
    if (take("[")) return sequence(out, Kind::sequence, "]", depth);
    if (take("True")) return boolean(out, 1);
    if (take("False")) return boolean(out, 0);
    if (take("'")) return text(out, '\'');
    if (take("\"")) return text(out, '"');
    return integer(out);
  }

  static bool boolean(PythonLiteral& out, std::int64_t value) {
    out.kind = Kind::boolean;
    out.integer = value;
    return true;
  }

  bool text(PythonLiteral& out, char quote) {
    out.kind = Kind::text;
    const auto end = left_.find(quote);
    if (end == std::string_view::npos) return false;
    out.text = left_.substr(0, end);
    left_.remove_prefix(end + 1);
    return out.text.find('\\') == std::string::npos;
  }

  bool integer(PythonLiteral& out) {
    out.kind = Kind::integer;
    const auto [end, status] =
        std::from_chars(left_.data(), left_.data() + left_.size(), out.integer);
    if (status != std::errc()) return false;
    left_.remove_prefix(static_cast<std::size_t>(end - left_.data()));
    if (!left_.empty() && left_[0] == 'L') left_.remove_prefix(1);  // written by Python 2
    return true;
  }

  bool sequence(PythonLiteral& out, Kind kind, std::string_view close, int depth) {
    out.kind = kind;
    while (!take(close)) {
      if (!parse(out.items.emplace_back(), depth + 1)) return false;
      if (kind == Kind::dict &&
          (!take(":") || !parse(out.items.emplace_back(), depth + 1)))
        return false;
      if (!take(",")) return take(close);
    }
    return true;
  }

  std::string_view left_;
};

}  // namespace

const PythonLiteral* PythonLiteral::find(std::string_view key) const {
  for (std::size_t i = 0; kind == Kind::dict && i + 1 < items.size(); i += 2)
    if (items[i].kind == Kind::text && items[i].text == key) return &items[i + 1];
  return nullptr;
}

std::optional<PythonLiteral> parse_python_literal(std::string_view text) {
  return Parser(text).whole();
}

}  // namespace femto::io
