#include "femto/qcd/number_cache.h"

#include <cstring>
#include <fstream>
#include <optional>
#include <system_error>

#include "femto/core/error.h"
#include "femto/core/files.h"
#include "femto/core/hash.h"
#include "femto/core/log.h"

namespace femto::qcd {
namespace {

/// First bytes of a file, then the description, then the numbers.
struct Header {
  char magic[16] = "femto numbers 1";
  std::uint64_t description_length = 0, count = 0, numbers_hash = 0;
  std::uint64_t byte_order = 0x0102030405060708;

  bool operator==(const Header&) const = default;
};

std::string_view bytes_of(const std::vector<double>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(double)};
}

/// What is wrong with the file, or nothing and the numbers.
std::optional<std::string> read(const std::filesystem::path& file,
                                const std::string& description,
                                std::size_t count,
                                std::vector<double>& numbers) {
  std::ifstream in(file, std::ios::binary);
  Header header;
  if (!in.read(reinterpret_cast<char*>(&header), sizeof header)) return "it is too short";
  Header expected;
  expected.description_length = description.size();
  expected.count = count;
  expected.numbers_hash = header.numbers_hash;
  if (header != expected) return "its first bytes are not those of such a table";
  std::string told(description.size(), '\0');
  if (!in.read(told.data(), static_cast<std::streamsize>(told.size())) ||
      told != description)
    return "it describes another table";
  numbers.resize(count);
  const auto size = static_cast<std::streamsize>(count * sizeof(double));
  if (!in.read(reinterpret_cast<char*>(numbers.data()), size)) return "it is too short";
  if (in.peek() != std::ifstream::traits_type::eof()) return "it is too long";
  if (hash64(bytes_of(numbers)) != header.numbers_hash)
    return "the checksum of its numbers differs";
  return {};
}

void write(const std::filesystem::path& file,
           const std::string& description,
           const std::vector<double>& numbers) {
  Header header;
  header.description_length = description.size();
  header.count = numbers.size();
  header.numbers_hash = hash64(bytes_of(numbers));
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  bytes += description;
  bytes += bytes_of(numbers);
  write_file_atomically(file, bytes);
}

}  // namespace

std::filesystem::path cache_file(const std::filesystem::path& folder,
                                 std::string_view name,
                                 const std::string& description) {
  return folder / fmt::format("{}-{:016x}.bin", name, hash64(description));
}

std::vector<double> cached_numbers(const std::filesystem::path& folder,
                                   std::string_view name,
                                   const std::string& description,
                                   std::size_t count,
                                   const std::function<std::vector<double>()>& build) {
  std::vector<double> numbers;
  const auto file = folder.empty() ? folder : cache_file(folder, name, description);
  if (!file.empty() && std::filesystem::exists(file)) {
    const auto wrong = read(file, description, count, numbers);
    if (!wrong) return numbers;
    log::warn("{}: {}; computed again and replaced", file.string(), *wrong);
  }
  numbers = build();
  expect(numbers.size() == count, "a cached table has the size that was announced");
  if (file.empty()) return numbers;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw Error(fmt::format("{}: cannot be made: {} (tables are kept there)",
                            folder.string(),
                            error.message()),
                "name a folder that can be written to");
  write(file, description, numbers);
  return numbers;
}

}  // namespace femto::qcd
