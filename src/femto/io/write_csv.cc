// Writing text tables whose numbers read back exactly.
#include <array>
#include <charconv>

#include "femto/io/event_writers.h"
#include "femto/io/output_file.h"

namespace femto::io {
namespace {

/// A header cell; in quotes if it must be.
std::string cell(const Column& c) {
  auto text = c.unit.empty() || c.unit == "1" ? c.name : c.name + " [" + c.unit + "]";
  if (text.find_first_of(",;\t\"# ") == std::string::npos) return text;
  std::string out = "\"";
  for (const char ch : text) out.append(ch == '"' ? 2 : 1, ch);
  return out + '"';
}

class CsvWriter final : public EventWriter {
 public:
  explicit CsvWriter(WriterPlan plan)
      : plan_(std::move(plan)),
        width_(plan_.all_columns().size()),
        file_(plan_.path, plan_.options.existing),
        sink_(file_.part()) {
    for (const auto& c : plan_.all_columns()) put(cell(c));
    end_line();
  }

  void append(const EventTable& chunk) override {
    check_chunk(plan_, chunk);
    std::array<char, 32> digits{};
    for (std::size_t r = 0; r < chunk.rows(); ++r) {
      for (std::size_t i = 0; i < width_; ++i) {
        const auto value = column_or_weight(chunk, i)[r];
        const auto* end =
            std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
        put({digits.data(), static_cast<std::size_t>(end - digits.data())});
      }
      end_line();
    }
  }

  void close() override {
    sink_.close();
    file_.commit();
  }

 private:
  void put(std::string_view text) {
    if (!line_.empty()) line_ += ',';
    line_ += text;
  }

  void end_line() {
    line_ += '\n';
    sink_.write(line_);
    line_.clear();
  }

  WriterPlan plan_;
  std::size_t width_;
  OutputFile file_;
  ByteSink sink_;
  std::string line_;
};

}  // namespace

std::unique_ptr<EventWriter> create_csv(WriterPlan plan) {
  return std::make_unique<CsvWriter>(std::move(plan));
}

}  // namespace femto::io
