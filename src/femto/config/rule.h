// Rules on settings: the range a number must lie in, and its wording.
#pragma once
#include <limits>
#include <string>

namespace femto::config {

/// The range of a number. The same numbers make the error message ("must be <text>"),
/// the tables of the documentation and the JSON Schema.
struct Rule {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool above_min = false;  // min itself is not allowed
  bool below_max = false;  // max itself is not allowed
  bool infinite = false;   // inf is allowed (nan never is)
  bool filled = false;     // a text, path, list or table must not be empty

  bool holds(double x) const;
  bool operator==(const Rule&) const = default;

  /// "positive", "at least 2", "between 0 and 1"; empty where everything is allowed.
  std::string text() const;
};

inline constexpr Rule anything{};
inline constexpr Rule positive{.min = 0, .above_min = true};
inline constexpr Rule at_least_zero{.min = 0};
inline constexpr Rule fraction{.min = 0, .max = 1};
inline constexpr Rule may_be_infinite{.infinite = true};
inline constexpr Rule not_empty{.filled = true};

constexpr Rule at_least(double n) {
  return {.min = n};
}

constexpr Rule at_most(double n) {
  return {.max = n};
}

constexpr Rule above(double n) {
  return {.min = n, .above_min = true};
}

constexpr Rule below(double n) {
  return {.max = n, .below_max = true};
}

/// Both ends allowed.
constexpr Rule between(double a, double b) {
  return {.min = a, .max = b};
}

/// Neither end allowed.
constexpr Rule strictly_between(double a, double b) {
  return {.min = a, .max = b, .above_min = true, .below_max = true};
}

}  // namespace femto::config
