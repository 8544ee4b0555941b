// Writing .npz: one array per column, gathered beside the target and then packed.
#include <fmt/format.h>
#include <zip.h>

#include "femto/io/event_writers.h"
#include "femto/io/output_file.h"

namespace femto::io {
namespace {

constexpr time_t fixed_time = 946684800;  ///< 2000-01-01: equal events give equal files

class NpzWriter final : public EventWriter {
 public:
  explicit NpzWriter(WriterPlan plan)
      : plan_(std::move(plan)), file_(plan_.path, plan_.options.existing) {
    const auto n = plan_.all_columns().size();
    for (std::size_t i = 0; i < n; ++i) {
      const auto path = fmt::format("{}.{}.npy", file_.part().string(), i);
      arrays_.push_back(std::make_unique<OutputFile>(path, Existing::overwrite));
      sinks_.push_back(std::make_unique<ByteSink>(arrays_[i]->part()));
      sinks_[i]->write(header());
    }
  }

  void append(const EventTable& chunk) override {
    check_chunk(plan_, chunk);
    for (std::size_t i = 0; i < sinks_.size(); ++i) {
      const auto values = column_or_weight(chunk, i);
      sinks_[i]->write(
          {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
    }
    rows_ += chunk.rows();
  }

  void close() override {
    for (auto& sink : sinks_) {
      sink->write_at(0, header());
      sink->close();
    }
    pack();
    file_.commit();
  }

 private:
  std::string header() const { return npy_header_bytes({&rows_, 1}); }

  void pack() const {
    int code = 0;
    std::unique_ptr<zip_t, void (*)(zip_t*)> zip(
        zip_open(file_.part().c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code), zip_discard);
    if (!zip) cannot_write(plan_.path, fmt::format("zip error {}", code));
    const auto columns = plan_.all_columns();
    for (std::size_t i = 0; i < arrays_.size(); ++i)
      add(zip.get(), i, columns[i].name + ".npy");
    if (zip_close(zip.get()) != 0) cannot_write(plan_.path, zip_strerror(zip.get()));
    zip.release();
  }

  void add(zip_t* zip, std::size_t i, const std::string& name) const {
    zip_source_t* source = zip_source_file(zip, arrays_[i]->part().c_str(), 0, 0);
    if (source == nullptr) cannot_write(plan_.path, zip_strerror(zip));
    const auto index = zip_file_add(zip, name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(source);
      cannot_write(plan_.path, zip_strerror(zip));
    }
    const auto at = static_cast<zip_uint64_t>(index);
    const auto level = static_cast<zip_uint32_t>(plan_.options.deflate);
    const bool set =
        zip_set_file_compression(
            zip, at, level == 0 ? ZIP_CM_STORE : ZIP_CM_DEFLATE, level) == 0 &&
        zip_file_set_mtime(zip, at, fixed_time, 0) == 0;
    if (!set) cannot_write(plan_.path, zip_strerror(zip));
  }

  WriterPlan plan_;
  OutputFile file_;
  std::vector<std::unique_ptr<OutputFile>> arrays_;  ///< never committed: scratch
  std::vector<std::unique_ptr<ByteSink>> sinks_;
  std::uint64_t rows_ = 0;
};

}  // namespace

std::unique_ptr<EventWriter> create_npz(WriterPlan plan) {
  return std::make_unique<NpzWriter>(std::move(plan));
}

}  // namespace femto::io
