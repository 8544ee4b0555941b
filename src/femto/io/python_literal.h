// The few Python literals that occur in the header of an .npy file.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace femto::io {

/// A text, an integer, a truth value, or a sequence. A dict is a sequence of keys and
/// values in turn.
struct PythonLiteral {
  enum class Kind { text, integer, boolean, sequence, dict };
  Kind kind = Kind::text;
  std::string text;
  std::int64_t integer = 0;  ///< also 0 or 1 of a boolean
  std::vector<PythonLiteral> items;

  /// The value of a key of a dict, or null.
  const PythonLiteral* find(std::string_view key) const;
};

/// Nothing if the text is not one literal (blanks around it are fine).
std::optional<PythonLiteral> parse_python_literal(std::string_view text);

}  // namespace femto::io
