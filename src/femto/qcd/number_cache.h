// Tables of numbers kept on disk under the checksum of what determines them.
#pragma once
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace femto::qcd {

/// The `count` numbers that `build` makes. `description` says everything that determines
/// them; its checksum is part of the file's name, FOLDER/NAME-<16 digits>.bin. A file
/// there of that description is read instead of building; a missing one is written; one
/// that is damaged (length, description or checksum of the numbers differ) is named on
/// the log and replaced. An empty folder means: build, keep nothing. Throws Error if the
/// folder cannot be written to, Bug if `build` makes another count.
std::vector<double> cached_numbers(const std::filesystem::path& folder,
                                   std::string_view name,
                                   const std::string& description,
                                   std::size_t count,
                                   const std::function<std::vector<double>()>& build);

/// Where cached_numbers keeps them.
std::filesystem::path cache_file(const std::filesystem::path& folder,
                                 std::string_view name,
                                 const std::string& description);

}  // namespace femto::qcd
