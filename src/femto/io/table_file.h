// What each file format gives to the event reader: columns of rows, at any position.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

#include "femto/io/events.h"

namespace femto::io {

enum class Named { no, yes };

class TableFile {
 public:
  virtual ~TableFile() = default;
  virtual const EventFileInfo& info() const = 0;

  /// Has the file names of its own for the columns?
  virtual Named named() const = 0;

  /// Rows [first, first + count) of the columns `which` into out[k][0 .. count).
  virtual void read(std::uint64_t first,
                    std::size_t count,
                    std::span<const std::size_t> which,
                    std::span<double* const> out) = 0;
};

/// Each checks the whole structure of the file before it returns. Throws DataError.
std::unique_ptr<TableFile> open_npy(const std::filesystem::path& path);
std::unique_ptr<TableFile> open_npz(const std::filesystem::path& path,
                                    const ReadOptions& options);
std::unique_ptr<TableFile> open_hdf5(const std::filesystem::path& path,
                                     const ReadOptions& options);
std::unique_ptr<TableFile> open_csv(const std::filesystem::path& path);

/// Path, format and size.
EventFileInfo file_info(const std::filesystem::path& path, std::string format);

/// Throws DataError "<path>: <what>".
[[noreturn]] void refuse(const std::filesystem::path& path,
                         std::string_view what,
                         std::string hint = {});

/// Text from a file made fit for a message: in quotes, short, without control bytes.
std::string printable(std::string_view text);

/// The hint after an unknown name: did you mean ..., or what there is.
std::string name_hint(std::string_view name, const std::vector<std::string>& known);

/// Refuses an array whose unpacked size no honest table of events would have.
/// `packed` and `unpacked` in bytes.
void refuse_bomb(const std::filesystem::path& path,
                 std::string_view array,
                 std::uint64_t packed,
                 std::uint64_t unpacked,
                 std::uint64_t max_unpacked);

}  // namespace femto::io
