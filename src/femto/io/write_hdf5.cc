// Writing events as HDF5: one compressed dataset with its unit per column.
#include <fmt/format.h>

#include "femto/io/event_writers.h"
#include "femto/io/hdf5.h"
#include "femto/io/output_file.h"

namespace femto::io {
namespace {

constexpr std::uint64_t chunk_rows = 1 << 14;  ///< 128 KiB per chunk

class Hdf5Writer final : public EventWriter {
 public:
  explicit Hdf5Writer(WriterPlan plan)
      : plan_(std::move(plan)), output_(plan_.path, plan_.options.existing) {
    const hdf5::Guard guard;
    file_ = hdf5::create_file(output_.part());
    const hdf5::Layout layout{
        {0}, {chunk_rows}, plan_.options.deflate, hdf5::Growth::rows};
    for (const auto& c : plan_.all_columns()) {
      auto set =
          hdf5::create_dataset(file_, plan_.options.dataset + '/' + c.name, layout);
      if (!set) cannot_write(plan_.path, hdf5::latest_error());
      hdf5::write_text(set, "unit", c.unit);
      sets_.push_back(std::move(set));
    }
  }

  void append(const EventTable& chunk) override {
    const hdf5::Guard guard;
    check_chunk(plan_, chunk);
    if (chunk.rows() == 0) return;
    for (std::size_t i = 0; i < sets_.size(); ++i) {
      const auto values = column_or_weight(chunk, i);
      const bool written =
          hdf5::resize_rows(sets_[i], rows_ + values.size()) &&
          hdf5::write_rows(sets_[i], rows_, values.size(), values.data());
      if (!written) cannot_write(plan_.path, hdf5::latest_error());
    }
    rows_ += chunk.rows();
  }

  void close() override {
    sets_.clear();
    hdf5::close_written(file_, plan_.path);
    output_.commit();
  }

 private:
  WriterPlan plan_;
  OutputFile output_;
  hdf5::Handle file_;
  std::vector<hdf5::Handle> sets_;
  std::uint64_t rows_ = 0;
};

}  // namespace

std::unique_ptr<EventWriter> create_hdf5(WriterPlan plan) {
  return std::make_unique<Hdf5Writer>(std::move(plan));
}

}  // namespace femto::io
