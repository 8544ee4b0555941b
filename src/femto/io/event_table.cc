// A table of events: named columns of doubles, each contiguous, and perhaps a weight.
#include "femto/io/event_table.h"

#include <algorithm>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/core/text.h"

namespace femto::io {

EventTable::EventTable(std::vector<Column> columns, std::size_t rows, Weighted weighted)
    : columns_(std::move(columns)), values_(columns_.size()), weighted_(weighted) {
  resize(rows);
}

std::optional<std::size_t> EventTable::find(std::string_view name) const {
  const auto at = std::find_if(
      columns_.begin(), columns_.end(), [&](const Column& c) { return c.name == name; });
  if (at == columns_.end()) return std::nullopt;
  return static_cast<std::size_t>(at - columns_.begin());
}

std::span<const double> EventTable::column(std::string_view name) const {
  if (const auto i = find(name)) return values_[*i];
  std::vector<std::string> names;
  for (const Column& c : columns_) names.push_back(c.name);
  const auto near = closest(name, names);
  throw DataError(fmt::format("the events have no column '{}'", name),
                  near ? fmt::format("did you mean '{}'?", *near)
                       : fmt::format("there are: {}", fmt::join(names, ", ")));
}

void EventTable::resize(std::size_t rows) {
  for (auto& values : values_) values.resize(rows);
  if (weighted()) weights_.resize(rows, 1.0);
  rows_ = rows;
}

void EventTable::reserve(std::size_t rows) {
  for (auto& values : values_) values.reserve(rows);
  if (weighted()) weights_.reserve(rows);
}

void EventTable::append(const EventTable& more) {
  expect(more.columns_.size() == columns_.size() && more.weighted_ == weighted_,
         "appended events have the same columns");
  for (std::size_t i = 0; i < values_.size(); ++i)
    values_[i].insert(values_[i].end(), more.values_[i].begin(), more.values_[i].end());
  weights_.insert(weights_.end(), more.weights_.begin(), more.weights_.end());
  rows_ += more.rows_;
}

}  // namespace femto::io
