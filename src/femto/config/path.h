// A file or folder named in a study.
#pragma once
#include <filesystem>
#include <string>
#include <utility>

namespace femto::config {

/// Keeps the text as given and, once decoded, the absolute path it means: relative to the
/// folder of the YAML file it stands in, or to the current folder when given on the
/// command line.
struct Path {
  std::string text;
  std::filesystem::path file;

  Path() = default;

  // Implicit both: a default written as text is a path.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Path(std::string given) : text(std::move(given)), file(text) {}

  // NOLINTNEXTLINE(google-explicit-constructor)
  Path(const char* given) : Path(std::string(given)) {}

  bool empty() const { return text.empty(); }

  bool operator==(const Path& other) const { return file == other.file; }
};

/// The meaning of `text` standing in `source` (a file name or "command line").
Path resolved(std::string text, const std::string& source);

}  // namespace femto::config
