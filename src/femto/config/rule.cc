// The check and the wording of a rule.
#include "femto/config/rule.h"

#include <cmath>

#include <fmt/format.h>

namespace femto::config {

bool Rule::holds(double x) const {
  if (std::isnan(x)) return false;
  if (std::isinf(x) && !infinite) return false;
  const bool low = above_min ? x > min : x >= min;
  const bool high = below_max ? x < max : x <= max;
  return (low || std::isinf(min)) && (high || std::isinf(max));
}

std::string Rule::text() const {
  const bool bounded_below = !std::isinf(min);
  const bool bounded_above = !std::isinf(max);
  if (bounded_below && bounded_above && !above_min && !below_max)
    return fmt::format("between {} and {}", min, max);
  std::string out;
  if (bounded_below)
    out = above_min ? (min == 0 ? "positive" : fmt::format("above {}", min))
                    : fmt::format("at least {}", min);
  if (bounded_above)
    out += fmt::format(
        "{}{} {}", out.empty() ? "" : " and ", below_max ? "below" : "at most", max);
  if (filled) out += out.empty() ? "not empty" : ", not empty";
  return out;
}

}  // namespace femto::config
