// Numbers as people read them, and series small enough for a page.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace femto::report {

/// Rounded to significant digits as JSON; null if `x` is not finite.
nlohmann::json short_number(double x, int digits = 6);

/// `digits` significant digits; "–" if there is no number.
std::string shown(std::optional<double> x, int digits = 4);

/// Value and error with the error's first two digits: "1.234 ± 0.056".
std::string shown_with_error(double value, double error);

/// "[low, high]", each with the digits that an error of the interval's size deserves.
std::string shown_interval(std::optional<double> low, std::optional<double> high);

/// A whole number with thousands apart: "100,000".
std::string shown_count(double x);

/// Seconds as "0.42 s", "3 min 12 s" or "2 h 5 min".
std::string shown_duration(double seconds);

/// Bytes as "12.3 MiB".
std::string shown_bytes(double bytes);

/// Indices of at most `limit` points of a series that keep its first and last point and
/// the lowest and highest value of every stretch. Not finite values are passed over.
std::vector<std::size_t> thinned(std::span<const double> y, std::size_t limit);

}  // namespace femto::report
