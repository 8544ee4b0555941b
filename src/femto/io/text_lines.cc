// The lines of a text file, with their numbers and positions, in bounded memory.
#include "femto/io/text_lines.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "femto/io/table_file.h"

namespace femto::io {
namespace {

constexpr std::size_t longest_line = 1 << 20;

}  // namespace

TextLines::TextLines(std::filesystem::path path)
    : path_(std::move(path)), bytes_(open_bytes(path_)), buffer_(2 * longest_line) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  fill();
  if (std::string_view(buffer_.data(), end_).starts_with(byte_order_mark))
    begin_ = byte_order_mark.size();
}

void TextLines::seek(std::uint64_t offset, std::uint64_t number) {
  begin_ = end_ = 0;
  file_at_ = offset;
  number_ = number;
}

bool TextLines::fill() {
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  const auto left = bytes_->size() - file_at_;
  const auto n =
      static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer_.size() - end_));
  bytes_->read(file_at_, std::span(buffer_).subspan(end_, n));
  end_ += n;
  file_at_ += n;
  return n > 0;
}

std::optional<TextLine> TextLines::next_any() {
  for (;;) {
    const char* from = buffer_.data() + begin_;
    const auto* stop = static_cast<const char*>(std::memchr(from, '\n', end_ - begin_));
    const bool more = stop == nullptr && end_ - begin_ <= longest_line && fill();
    if (more) continue;
    const std::size_t have = end_ - begin_;
    const std::size_t length =
        stop == nullptr ? have : static_cast<std::size_t>(stop - from);
    if (length > longest_line)
      refuse(path_,
             fmt::format(
                 "line {} is longer than {} bytes (not a table)", number_, longest_line));
    if (have == 0) return std::nullopt;
    TextLine line{{buffer_.data() + begin_, length}, number_++, file_at_ - have};
    begin_ += stop == nullptr ? length : length + 1;
    if (line.text.ends_with('\r')) line.text.remove_suffix(1);
    return line;
  }
}

std::optional<TextLine> TextLines::next() {
  while (auto line = next_any()) {
    const auto first = line->text.find_first_not_of(" \t\r");
    if (first != std::string_view::npos && line->text[first] != '#') return line;
  }
  return std::nullopt;
}

}  // namespace femto::io
