// Every value of an event file checked: finite and inside the support.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/io/row_selection.h"
#include "femto/io/table_file.h"

namespace femto::io {
namespace {

bool good(double v, const Support& s) {
  return v >= s.lo && v <= s.hi && std::isfinite(v);
}

Reason reason_of(double v, const Support& s) {
  if (!std::isfinite(v)) return Reason::not_finite;
  return v < s.lo ? Reason::below_support : Reason::above_support;
}

std::string_view words(Reason r) {
  if (r == Reason::not_finite) return "not finite";
  return r == Reason::below_support ? "below the support" : "above the support";
}

/// Checks chunk after chunk of one file.
class Checker {
 public:
  Checker(std::filesystem::path path,
          const RowSelection& selection,
          std::vector<Support> supports,
          Invalid invalid)
      : path_(std::move(path)),
        columns_(selection.columns()),
        weight_(selection.options().weight),
        where_(selection.options().where),
        supports_(std::move(supports)),
        invalid_(invalid) {
    if (supports_.empty()) supports_.resize(columns_.size());
    if (supports_.size() != columns_.size())
      refuse(
          path_,
          fmt::format(
              "{} columns are read, {} are expected", columns_.size(), supports_.size()),
          "choose the columns to read with `data.columns`");
  }

  /// Leaves the good ones of the rows of `chunk`, of `read` in the file; rows are their
  /// places there.
  void check(EventTable& chunk,
             std::uint64_t read,
             const std::vector<std::uint64_t>& rows) {
    bad_.assign(chunk.rows(), 0);
    bool any = false;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      any |= mark(chunk.column(i), supports_[i]);
    if (chunk.weighted()) any |= mark(chunk.weights(), Support{});
    dropped_.rows_read += read;
    dropped_.rows_cut += read - chunk.rows();
    if (!any) return;
    if (invalid_ == Invalid::error) report(chunk, rows);
    count(chunk, rows);
    compact(chunk);
  }

  const Dropped& dropped() const { return dropped_; }

  void refuse_nothing_left() const {
    if (dropped_.rows_cut == dropped_.rows_read)
      refuse(path_,
             fmt::format(
                 "no row is left: none of {} fulfils '{}'", dropped_.rows_read, where_),
             "check data.where");
    refuse(path_,
           fmt::format("no row is left: all {} are invalid\n{}",
                       dropped_.rows_read - dropped_.rows_cut,
                       dropped_.text()),
           "check the columns and their order");
  }

 private:
  bool mark(std::span<const double> values, const Support& s) {
    bool any = false;
    for (std::size_t r = 0; r < values.size(); ++r) {
      const bool bad = !good(values[r], s);
      bad_[r] |= static_cast<char>(bad);
      any |= bad;
    }
    return any;
  }

  [[noreturn]] void report(const EventTable& chunk,
                           const std::vector<std::uint64_t>& rows) const {
    const auto row = static_cast<std::size_t>(
        std::find(bad_.begin(), bad_.end(), char{1}) - bad_.begin());
    std::size_t i = 0;
    while (i < columns_.size() && good(chunk.column(i)[row], supports_[i])) ++i;
    const bool weight = i == columns_.size();
    const double v = weight ? chunk.weights()[row] : chunk.column(i)[row];
    const auto s = weight ? Support{} : supports_[i];
    const auto why = reason_of(v, s) == Reason::not_finite
                         ? std::string("not finite")
                         : fmt::format("outside the support [{}, {}]", s.lo, s.hi);
    refuse(path_,
           fmt::format("row {} (counting from 0), column '{}': {} is {}",
                       rows[row],
                       weight ? weight_ : columns_[i].name,
                       v,
                       why),
           "correct the row, or leave such rows out, counted, with `data.invalid: drop`");
  }

  void count(const EventTable& chunk, const std::vector<std::uint64_t>& rows) {
    const auto one =
        [&](const std::string& name, double v, const Support& s, std::size_t row) {
          if (good(v, s)) return;
          const auto reason = reason_of(v, s);
          auto& all = dropped_.entries;
          auto at = std::find_if(all.begin(), all.end(), [&](const Dropped::Entry& e) {
            return e.column == name && e.reason == reason;
          });
          if (at == all.end()) at = all.insert(all.end(), {name, reason, 0, rows[row]});
          ++at->values;
        };
    for (std::size_t row = 0; row < chunk.rows(); ++row) {
      if (bad_[row] == 0) continue;
      ++dropped_.rows_dropped;
      for (std::size_t i = 0; i < columns_.size(); ++i)
        one(columns_[i].name, chunk.column(i)[row], supports_[i], row);
      if (chunk.weighted()) one(weight_, chunk.weights()[row], Support{}, row);
    }
  }

  void compact(EventTable& chunk) const {
    const auto keep = [&](std::span<double> values) {
      std::size_t kept = 0;
      for (std::size_t row = 0; row < values.size(); ++row)
        if (bad_[row] == 0) values[kept++] = values[row];
      return kept;
    };
    std::size_t kept = 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) kept = keep(chunk.column(i));
    keep(chunk.weights());
    chunk.resize(kept);
  }

  std::filesystem::path path_;
  std::vector<Column> columns_;
  std::string weight_, where_;
  std::vector<Support> supports_;
  Invalid invalid_;
  std::vector<char> bad_;
  Dropped dropped_;
};

}  // namespace

std::string Dropped::text() const {
  std::string out;
  if (rows_cut > 0)
    out =
        fmt::format("the selection keeps {} of {} rows", rows_read - rows_cut, rows_read);
  if (rows_dropped == 0) return out;
  out += fmt::format("{}{} of {} rows dropped",
                     out.empty() ? "" : "\n",
                     rows_dropped,
                     rows_read - rows_cut);
  for (const auto& e : entries)
    out += fmt::format("\n  column '{}': {} {} {}, the first in row {} (counting from 0)",
                       e.column,
                       e.values,
                       e.values == 1 ? "value" : "values",
                       words(e.reason),
                       e.first_row);
  return out;
}

std::uint64_t for_each_chunk(const std::filesystem::path& path,
                             const ReadOptions& options,
                             const std::vector<Support>& supports,
                             Invalid invalid,
                             Dropped* dropped,
                             const ChunkVisitor& visit) {
  const RowSelection selection(path, options);
  const auto reader = open_events(path, selection.options());
  Checker checker(path, selection, supports, invalid);
  EventTable chunk;
  std::vector<std::uint64_t> places;
  const std::uint64_t end = std::min(options.end, reader->info().rows);
  std::uint64_t at = std::min(options.begin, end);
  std::uint64_t kept = 0;
  reader->seek(at);
  while (at < end && reader->next(chunk)) {
    const auto rows = std::min<std::uint64_t>(chunk.rows(), end - at);
    chunk.resize(static_cast<std::size_t>(rows));
    selection.apply(chunk, at, places);
    checker.check(chunk, rows, places);
    at += rows;
    if (chunk.rows() > 0) visit(chunk, kept);
    kept += chunk.rows();
  }
  if (dropped != nullptr) *dropped = checker.dropped();
  if (kept == 0) checker.refuse_nothing_left();
  return kept;
}

EventTable load_events(const std::filesystem::path& path,
                       const ReadOptions& options,
                       const std::vector<Support>& supports,
                       Invalid invalid,
                       Dropped* dropped) {
  EventTable all;
  const auto take = [&](const EventTable& chunk, std::uint64_t kept) {
    if (kept == 0)
      all =
          EventTable(chunk.columns(), 0, chunk.weighted() ? Weighted::yes : Weighted::no);
    all.append(chunk);
  };
  for_each_chunk(path, options, supports, invalid, dropped, take);
  return all;
}

}  // namespace femto::io
