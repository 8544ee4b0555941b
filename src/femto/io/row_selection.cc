// Reads what the expression needs beside what is wanted, and drops it again.
#include "femto/io/row_selection.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace femto::io {

RowSelection::RowSelection(const std::filesystem::path& path, ReadOptions options)
    : options_(std::move(options)) {
  const auto reader = open_events(path, options_);
  columns_ = reader->columns();
  if (options_.where.empty()) return;
  std::vector<std::string> names, wanted;
  for (const auto& c : reader->info().columns) names.push_back(c.name);
  for (const auto& c : columns_) wanted.push_back(c.name);
  keep_.emplace(options_.where, names);
  places_.resize(names.size());
  for (const auto i : keep_->used()) {
    const auto at = std::ranges::find(wanted, names[i]);
    places_[i] = static_cast<std::size_t>(at - wanted.begin());
    if (at == wanted.end()) wanted.push_back(names[i]);
  }
  options_.columns = std::move(wanted);
}

void RowSelection::apply(EventTable& chunk,
                         std::uint64_t first,
                         std::vector<std::uint64_t>& rows) const {
  rows.resize(chunk.rows());
  std::iota(rows.begin(), rows.end(), first);
  if (!keep_) return;
  std::vector<const double*> columns(places_.size());
  for (const auto i : keep_->used()) columns[i] = chunk.column(places_[i]).data();
  std::vector<double> keep(chunk.rows());
  keep_->evaluate(chunk.rows(), columns.data(), keep.data());
  std::erase_if(rows, [&](std::uint64_t row) {
    const double v = keep[row - first];
    return v == 0 || std::isnan(v);
  });
  EventTable out(columns_, rows.size(), chunk.weighted() ? Weighted::yes : Weighted::no);
  const auto copy = [&](std::span<const double> from, std::span<double> to) {
    for (std::size_t i = 0; i < rows.size(); ++i) to[i] = from[rows[i] - first];
  };
  const EventTable& in = chunk;
  for (std::size_t c = 0; c < columns_.size(); ++c) copy(in.column(c), out.column(c));
  if (in.weighted()) copy(in.weights(), out.weights());
  chunk = std::move(out);
}

}  // namespace femto::io
