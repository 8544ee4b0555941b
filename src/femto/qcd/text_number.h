// One number written as text.
#pragma once
#include <charconv>
#include <optional>
#include <string_view>

namespace femto::qcd {

/// The number if the whole word is one ("1e-3", "+2", not "1x" nor ""), else nothing.
inline std::optional<double> text_number(std::string_view word) {
  if (word.starts_with('+')) word.remove_prefix(1);
  double value = 0;
  const char* begin = word.data();
  const char* end = begin + word.size();
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (error != std::errc() || stop != end) return {};
  return value;
}

}  // namespace femto::qcd
