// What a terminal can show: styles, tables, numbers with errors, a progress line.
#pragma once
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace femto::app {

/// Colours only on a terminal, and not if NO_COLOR is set or TERM is dumb.
class Style {
 public:
  explicit Style(std::FILE* stream);

  std::string bold(std::string_view text) const { return wrapped("1", text); }

  std::string dim(std::string_view text) const { return wrapped("2", text); }

  std::string red(std::string_view text) const { return wrapped("1;31", text); }

  std::string green(std::string_view text) const { return wrapped("32", text); }

  std::string yellow(std::string_view text) const { return wrapped("33", text); }

 private:
  std::string wrapped(const char* code, std::string_view text) const;

  bool on_;
};

/// Whether the stream is a terminal that understands cursor control.
bool is_terminal(std::FILE* stream);

/// Columns aligned by content: the first left, the others right.
class Table {
 public:
  explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}

  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  /// With two spaces between columns, the header first; styles are for `stream`.
  std::string text(std::FILE* stream = stdout) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// Characters as a terminal counts them: UTF-8 continuation bytes have no width.
std::size_t width_of(std::string_view text);

/// `value` with as many digits as two significant digits of `error` allow; six
/// significant digits where there is no error.
std::string with_digits(double value, double error);

/// Two significant digits.
std::string error_text(double error);

/// "100,000".
std::string grouped(double count);

/// "3.2 s", "4 min 10 s", "2 h 5 min".
std::string duration(double seconds);

}  // namespace femto::app
