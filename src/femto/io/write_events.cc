// Choosing the writer of an event file, and what the writers share.
#include <set>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/io/event_writers.h"

namespace femto::io {

std::vector<Column> WriterPlan::all_columns() const {
  auto all = columns;
  if (weighted == Weighted::yes) all.push_back({options.weight});
  return all;
}

std::span<const double> column_or_weight(const EventTable& chunk, std::size_t i) {
  return i < chunk.columns().size() ? chunk.column(i) : chunk.weights();
}

void check_chunk(const WriterPlan& plan, const EventTable& chunk) {
  bool same = chunk.columns().size() == plan.columns.size() &&
              chunk.weighted() == (plan.weighted == Weighted::yes);
  for (std::size_t i = 0; same && i < plan.columns.size(); ++i)
    same = chunk.columns()[i].name == plan.columns[i].name;
  expect(same, "events have the columns of the file they are written to");
}

std::unique_ptr<EventWriter> create_events(const std::filesystem::path& path,
                                           std::vector<Column> columns,
                                           Weighted weighted,
                                           const WriteOptions& options) {
  WriterPlan plan{path, std::move(columns), weighted, options};
  expect(!plan.columns.empty(), "events have columns");
  std::set<std::string> names;
  for (const auto& c : plan.all_columns())
    if (c.name.empty() || !names.insert(c.name).second)
      throw Error(
          fmt::format(
              "cannot write {}: two columns are called '{}'", path.string(), c.name),
          "give each column its own name");
  const auto extension = path.extension();
  if (extension == ".npy") return create_npy(std::move(plan));
  if (extension == ".npz") return create_npz(std::move(plan));
  if (extension == ".h5" || extension == ".hdf5") return create_hdf5(std::move(plan));
  if (extension == ".csv") return create_csv(std::move(plan));
  throw Error(fmt::format("cannot write {}: no event format has the extension '{}'",
                          path.string(),
                          extension.string()),
              "use .npy, .npz, .h5, .hdf5 or .csv");
}

void write_events(const std::filesystem::path& path,
                  const EventTable& events,
                  const WriteOptions& options) {
  const auto weighted = events.weighted() ? Weighted::yes : Weighted::no;
  const auto writer = create_events(path, events.columns(), weighted, options);
  writer->append(events);
  writer->close();
}

}  // namespace femto::io
