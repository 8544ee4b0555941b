// femto data: looks at event files and converts them.
#include <cmath>
#include <limits>

#include "commands.h"
#include "terminal.h"
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "femto/io/events.h"

namespace femto::app {
namespace {

struct Range {
  double lo = std::numeric_limits<double>::infinity();
  double hi = -std::numeric_limits<double>::infinity();
  std::uint64_t not_finite = 0;

  void add(double x) {
    if (!std::isfinite(x)) {
      ++not_finite;
      return;
    }
    lo = std::min(lo, x);
    hi = std::max(hi, x);
  }
};

std::vector<Range> ranges_of(const path& file, const io::ReadOptions& options) {
  const auto reader = io::open_events(file, options);
  io::EventTable chunk;
  std::vector<Range> ranges;
  while (reader->next(chunk)) {
    ranges.resize(chunk.columns().size());
    for (std::size_t i = 0; i < ranges.size(); ++i)
      for (const double x : chunk.column(i)) ranges[i].add(x);
  }
  return ranges;
}

void print_json(const io::EventFileInfo& info, const std::vector<Range>& ranges) {
  nlohmann::ordered_json columns = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    nlohmann::ordered_json column = {{"name", info.columns[i].name},
                                     {"unit", info.columns[i].unit},
                                     {"not_finite", ranges[i].not_finite}};
    if (ranges[i].lo <= ranges[i].hi) {
      column["min"] = ranges[i].lo;
      column["max"] = ranges[i].hi;
    }
    columns.push_back(column);
  }
  const nlohmann::ordered_json all = {{"file", info.path.string()},
                                      {"format", info.format},
                                      {"dataset", info.dataset},
                                      {"rows", info.rows},
                                      {"dtype", info.dtype},
                                      {"bytes", info.bytes},
                                      {"checksum", info.checksum},
                                      {"columns", columns}};
  fmt::print("{}\n", all.dump(2));
}

}  // namespace

int data_info(const DataInfoCommand& c, Program&) {
  io::ReadOptions options;
  options.dataset = c.dataset;
  const auto info = io::inspect_events(c.file, options);
  const auto ranges = ranges_of(c.file, options);
  if (c.json) {
    print_json(info, ranges);
    return 0;
  }
  fmt::print("{}: {}{}, {} rows, {}, {} bytes\n{}\n\n",
             info.path.string(),
             info.format,
             info.dataset.empty() ? "" : " '" + info.dataset + "'",
             grouped(static_cast<double>(info.rows)),
             info.dtype,
             grouped(static_cast<double>(info.bytes)),
             info.checksum);
  Table table({"column", "unit", "min", "max", "not finite"});
  for (std::size_t i = 0; i < ranges.size(); ++i)
    table.row({info.columns[i].name,
               info.columns[i].unit,
               fmt::format("{:.6g}", ranges[i].lo),
               fmt::format("{:.6g}", ranges[i].hi),
               std::to_string(ranges[i].not_finite)});
  fmt::print("{}", table.text());
  return 0;
}

int data_convert(const DataConvertCommand& c, Program&) {
  io::ReadOptions options;
  options.dataset = c.dataset;
  options.columns = c.columns;
  const auto reader = io::open_events(c.in, options);
  io::EventTable chunk;
  std::unique_ptr<io::EventWriter> writer;
  std::uint64_t rows = 0;
  while (reader->next(chunk)) {
    if (!writer)
      writer = io::create_events(
          c.out,
          chunk.columns(),
          chunk.weighted() ? io::Weighted::yes : io::Weighted::no,
          {.existing = c.force ? io::Existing::overwrite : io::Existing::refuse});
    writer->append(chunk);
    rows += chunk.rows();
  }
  if (!writer) throw DataError(fmt::format("{} holds no events", c.in.string()));
  writer->close();
  fmt::print("{} rows: {}\n", grouped(static_cast<double>(rows)), c.out.string());
  return 0;
}

}  // namespace femto::app
