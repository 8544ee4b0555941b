// Text tables with a header line: separated by comma, semicolon, tab or blanks.
#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "femto/io/table_file.h"
#include "femto/io/text_lines.h"

namespace femto::io {
namespace {

constexpr char blanks = ' ';
constexpr std::uint64_t index_rows = 1 << 14;  ///< rows between remembered positions

std::string_view trimmed(std::string_view s) {
  const auto first = s.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(" \t\r") - first + 1);
}

/// The separator of the header line: the first of , ; tab that it has outside quotes.
char find_separator(std::string_view line) {
  for (const char candidate : {',', ';', '\t'}) {
    bool quoted = false;
    for (const char c : line) {
      if (c == '"') quoted = !quoted;
      if (c == candidate && !quoted) return candidate;
    }
  }
  return blanks;
}

/// Takes one quoted cell, "" inside standing for one quote; false if it never closes.
bool take_quoted(std::string_view& left, std::string& out) {
  left.remove_prefix(1);
  for (;;) {
    const auto quote = left.find('"');
    if (quote == std::string_view::npos) return false;
    out += left.substr(0, quote);
    left.remove_prefix(quote + 1);
    if (!left.starts_with('"')) return true;
    out += '"';
    left.remove_prefix(1);
  }
}

/// Splits a line into `cells`; false if a quote is not closed or text follows it.
bool split(std::string_view line, char separator, std::vector<std::string>& cells) {
  cells.clear();
  const std::string_view ends =
      separator == blanks ? " \t" : std::string_view(&separator, 1);
  std::string_view left = trimmed(line);
  for (;;) {
    const auto start = left.find_first_not_of(separator == '\t' ? " " : " \t");
    left.remove_prefix(std::min(start, left.size()));
    auto& cell = cells.emplace_back();
    if (left.starts_with('"') && !take_quoted(left, cell)) return false;
    const auto end = std::min(left.find_first_of(ends), left.size());
    const auto rest = trimmed(left.substr(0, end));
    if (!cell.empty() && !rest.empty()) return false;
    if (cell.empty()) cell = rest;
    if (end == left.size()) return true;
    left.remove_prefix(end + 1);
  }
}

/// The whole token as a number; a plus sign in front is allowed.
std::errc parse_number(std::string_view token, double& out) {
  if (token.size() > 1 && token[0] == '+' && token[1] != '-') token.remove_prefix(1);
  const char* end = token.data() + token.size();
  const auto [stop, status] = std::from_chars(token.data(), end, out);
  if (status != std::errc()) return status;
  return stop == end ? std::errc() : std::errc::invalid_argument;
}

/// "x1 [GeV]" names column x1 with unit GeV.
Column parse_column(std::string_view cell) {
  const auto open = cell.rfind('[');
  if (!cell.ends_with(']') || open == std::string_view::npos || open == 0)
    return {std::string(cell)};
  return {std::string(trimmed(cell.substr(0, open))),
          std::string(trimmed(cell.substr(open + 1, cell.size() - open - 2)))};
}

class CsvFile final : public TableFile {
 public:
  explicit CsvFile(const std::filesystem::path& path) : path_(path), lines_(path) {
    info_ = file_info(path, "csv");
    info_.dtype = "text";
    const auto header = lines_.next();
    if (!header)
      refuse(path,
             "the file has no lines but blanks and comments",
             "write a header and rows");
    separator_ = find_separator(header->text);
    read_header(*header);
    while (const auto line = lines_.next()) {
      if (info_.rows % index_rows == 0) index_.push_back({line->offset, line->number});
      ++info_.rows;
    }
    if (info_.rows == 0)
      refuse(path,
             "the table is empty: no rows below the header",
             "write at least one event");
    at_ = info_.rows;
  }

  const EventFileInfo& info() const override { return info_; }

  Named named() const override { return Named::yes; }

  void read(std::uint64_t first,
            std::size_t count,
            std::span<const std::size_t> which,
            std::span<double* const> out) override {
    if (first != at_) go_to(first);
    for (std::size_t i = 0; i < count; ++i) {
      const auto line = lines_.next();
      if (!line)
        refuse(path_, fmt::format("ends before row {} (it has changed)", first + i));
      read_row(*line, first + i);
      for (std::size_t k = 0; k < which.size(); ++k)
        out[k][i] = number(*line, first + i, which[k]);
    }
    at_ = first + count;
  }

 private:
  struct Position {
    std::uint64_t offset, number;
  };

  void read_header(const TextLine& line) {
    if (!split(line.text, separator_, cells_))
      refuse(path_, fmt::format("line {}: a quote is not closed", line.number));
    double value = 0;
    const bool numbers =
        std::all_of(cells_.begin(), cells_.end(), [&](const std::string& c) {
          return parse_number(c, value) == std::errc();
        });
    if (numbers)
      refuse(
          path_,
          fmt::format("line {}: the header is missing (the first line is numbers, so the "
                      "columns have no names)",
                      line.number),
          "put the names of the columns, without #, into the first line");
    for (const auto& cell : cells_) {
      const auto& column = info_.columns.emplace_back(parse_column(cell));
      if (column.name.empty())
        refuse(path_,
               fmt::format(
                   "line {}: column {} has no name", line.number, info_.columns.size()));
    }
  }

  void go_to(std::uint64_t row) {
    const auto& near = index_[row / index_rows];
    lines_.seek(near.offset, near.number);
    for (auto skip = row % index_rows; skip > 0; --skip) lines_.next();
    at_ = row;
  }

  void read_row(const TextLine& line, std::uint64_t row) {
    if (!split(line.text, separator_, cells_))
      refuse(
          path_,
          fmt::format("line {}, row {} (counting from 0): a quote is not closed, or text "
                      "follows it",
                      line.number,
                      row),
          "cells are one line long");
    if (cells_.size() != info_.columns.size())
      refuse(
          path_,
          fmt::format(
              "line {}, row {} (counting from 0): it has {} cells, the header has {}",
              line.number,
              row,
              cells_.size(),
              info_.columns.size()),
          "every line needs one number per column; a cut last line means the file is truncated");
  }

  double number(const TextLine& line, std::uint64_t row, std::size_t i) const {
    double value = 0;
    const auto& cell = cells_[i];
    const auto status = parse_number(cell, value);
    if (status == std::errc()) return value;
    const auto where = fmt::format("line {}, row {} (counting from 0), column '{}'",
                                   line.number,
                                   row,
                                   info_.columns[i].name);
    if (cell.empty())
      refuse(path_, where + ": the cell is empty", "every event needs a number");
    const auto what = status == std::errc::result_out_of_range ? "does not fit a double"
                                                               : "is not a number";
    refuse(path_,
           fmt::format("{}: {} {}", where, printable(cell), what),
           cell.find(',') != std::string::npos ? "write decimals with a point"
                                               : "correct the cell");
  }

  std::filesystem::path path_;
  EventFileInfo info_;
  TextLines lines_;
  char separator_ = ',';
  std::vector<std::string> cells_;
  std::vector<Position> index_;
  std::uint64_t at_ = 0;  ///< row of the next line
};

}  // namespace

std::unique_ptr<TableFile> open_csv(const std::filesystem::path& path) {
  return std::make_unique<CsvFile>(path);
}

}  // namespace femto::io
