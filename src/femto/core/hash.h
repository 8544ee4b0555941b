// Checksums of text, memory and files.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace femto {

/// XXH3 of the bytes; stable across machines and versions.
std::uint64_t hash64(std::string_view bytes);

/// "xxh3:<16 hex digits>" of the bytes.
std::string checksum(std::string_view bytes);

/// Checksum of a file's content, read in pieces. Throws DataError if it cannot be read.
std::string file_checksum(const std::filesystem::path& file);

}  // namespace femto
