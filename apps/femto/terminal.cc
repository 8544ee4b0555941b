// Text for terminals.
#include "terminal.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>

namespace femto::app {

bool is_terminal(std::FILE* stream) {
  const char* term = std::getenv("TERM");
  return isatty(fileno(stream)) && (!term || std::string_view(term) != "dumb");
}

Style::Style(std::FILE* stream) {
  const char* no_color = std::getenv("NO_COLOR");
  on_ = is_terminal(stream) && (!no_color || !*no_color);
}

std::string Style::wrapped(const char* code, std::string_view text) const {
  return on_ ? fmt::format("\033[{}m{}\033[0m", code, text) : std::string(text);
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string Table::text(std::FILE* stream) const {
  const Style style(stream);
  std::vector<std::size_t> widths(rows_[0].size(), 0);
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths.at(i) = std::max(widths[i], width_of(row[i]));
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string space(widths[i] - width_of(row[i]), ' ');
      line += (i ? "  " : "") + (i ? space + row[i] : row[i] + space);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += (&row == rows_.data() ? style.bold(line) : line) + "\n";
  }
  return out;
}

namespace {

/// Position of the last of two significant digits: 0.0123 -> 3.
int decimals(double error) {
  const int digits = 1 - static_cast<int>(std::floor(std::log10(std::fabs(error))));
  return std::clamp(digits, 0, 12);
}

}  // namespace

std::string with_digits(double value, double error) {
  if (!std::isfinite(value)) return "-";
  if (!std::isfinite(error) || error <= 0) return fmt::format("{:.6g}", value);
  return fmt::format("{:.{}f}", value, decimals(error));
}

std::string error_text(double error) {
  if (!std::isfinite(error)) return "-";
  if (error == 0) return "0";
  const double size = std::fabs(error);
  return size < 1e-6 || size >= 1e6 ? fmt::format("{:.1e}", error)
                                    : fmt::format("{:.{}f}", error, decimals(error));
}

std::string grouped(double count) {
  if (!std::isfinite(count)) return "impossible";
  if (count >= 1e15) return fmt::format("{:.1e}", count);
  auto digits = fmt::format("{:.0f}", std::ceil(count));
  for (int i = static_cast<int>(digits.size()) - 3; i > 0; i -= 3)
    digits.insert(static_cast<std::size_t>(i), ",");
  return digits;
}

std::string duration(double seconds) {
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const long whole = std::lround(seconds);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

}  // namespace femto::app
