// Small files read and written whole; a reader never sees half a file.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace femto {

/// The whole file as bytes. Throws Error naming the file and the reason.
std::string read_file(const std::filesystem::path& file);

/// Writes beside the target, flushes to disk and renames over it: after a crash there
/// is the old file or the new one, never a mixture.
void write_file_atomically(const std::filesystem::path& file, std::string_view bytes);

}  // namespace femto
