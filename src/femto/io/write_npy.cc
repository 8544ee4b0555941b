// Writing .npy: float64 in C order, rows counted at the end.
#include <fmt/format.h>

#include "femto/io/event_writers.h"
#include "femto/io/output_file.h"

namespace femto::io {
namespace {

class NpyWriter final : public EventWriter {
 public:
  explicit NpyWriter(WriterPlan plan)
      : plan_(std::move(plan)),
        width_(plan_.all_columns().size()),
        file_(plan_.path, plan_.options.existing),
        sink_(file_.part()) {
    sink_.write(header());
  }

  void append(const EventTable& chunk) override {
    check_chunk(plan_, chunk);
    std::vector<std::span<const double>> columns;
    for (std::size_t i = 0; i < width_; ++i)
      columns.push_back(column_or_weight(chunk, i));
    std::vector<double> row(width_);
    for (std::size_t r = 0; r < chunk.rows(); ++r) {
      for (std::size_t i = 0; i < width_; ++i) row[i] = columns[i][r];
      sink_.write({reinterpret_cast<const char*>(row.data()), width_ * sizeof(double)});
    }
    rows_ += chunk.rows();
  }

  void close() override {
    sink_.write_at(0, header());
    sink_.close();
    file_.commit();
  }

 private:
  std::string header() const {
    const std::uint64_t shape[] = {rows_, width_};
    return npy_header_bytes(shape);
  }

  WriterPlan plan_;
  std::size_t width_;
  OutputFile file_;
  ByteSink sink_;
  std::uint64_t rows_ = 0;
};

}  // namespace

std::string npy_header_bytes(std::span<const std::uint64_t> shape) {
  constexpr std::size_t total = 128;
  const auto comma = shape.size() == 1 ? "," : "";
  auto dict = fmt::format("{{'descr': '<f8', 'fortran_order': False, 'shape': ({}{}), }}",
                          fmt::join(shape, ", "),
                          comma);
  dict.resize(total - 10 - 1, ' ');
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(total - 10) + '\0' +
         dict + '\n';
}

std::unique_ptr<EventWriter> create_npy(WriterPlan plan) {
  return std::make_unique<NpyWriter>(std::move(plan));
}

}  // namespace femto::io
