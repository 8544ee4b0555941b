// The writers of each event format.
#pragma once
#include <filesystem>
#include <memory>
#include <vector>

#include "femto/io/events.h"

namespace femto::io {

/// What every writer is made from; `columns` without the weight.
struct WriterPlan {
  std::filesystem::path path;
  std::vector<Column> columns;
  Weighted weighted = Weighted::no;
  WriteOptions options;

  /// The columns and, last, the weight.
  std::vector<Column> all_columns() const;
};

/// Column i of all_columns() of a chunk.
std::span<const double> column_or_weight(const EventTable& chunk, std::size_t i);

/// A chunk must have the planned columns (names in order, weights alike).
void check_chunk(const WriterPlan& plan, const EventTable& chunk);

std::unique_ptr<EventWriter> create_npy(WriterPlan plan);
std::unique_ptr<EventWriter> create_npz(WriterPlan plan);
std::unique_ptr<EventWriter> create_hdf5(WriterPlan plan);
std::unique_ptr<EventWriter> create_csv(WriterPlan plan);

/// Bytes of an .npy header for a float64 array; always as long, whatever the shape.
std::string npy_header_bytes(std::span<const std::uint64_t> shape);

}  // namespace femto::io
