// The lines of a text file, with their numbers and positions, in bounded memory.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "femto/io/bytes.h"

namespace femto::io {

struct TextLine {
  std::string_view text;     ///< without its end; valid until the next call
  std::uint64_t number = 0;  ///< counting from 1
  std::uint64_t offset = 0;  ///< of the first byte
};

class TextLines {
 public:
  explicit TextLines(std::filesystem::path path);

  /// The next line that has content: not blank, no comment (# first). Nothing at the end.
  std::optional<TextLine> next();

  /// Continue with the line `number` that begins at byte `offset`.
  void seek(std::uint64_t offset, std::uint64_t number);

 private:
  std::optional<TextLine> next_any();
  bool fill();

  std::filesystem::path path_;
  std::unique_ptr<ByteSource> bytes_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  ///< of what is left in the buffer
  std::size_t end_ = 0;
  std::uint64_t file_at_ = 0;  ///< file offset of buffer_[end_]
  std::uint64_t number_ = 1;   ///< of the next line
};

}  // namespace femto::io
