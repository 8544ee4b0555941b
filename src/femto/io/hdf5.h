// HDF5 objects that close themselves, and errors as DataError instead of on the screen.
#pragma once
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace femto::io::hdf5 {

/// The library is not thread-safe: every function of io that calls it holds this. Also
/// silences its own printing of errors.
class Guard {
 public:
  Guard();

 private:
  std::unique_lock<std::recursive_mutex> lock_;
};

/// An identifier of the HDF5 library, closed with the function that fits it.
class Handle {
 public:
  using Close = int (*)(std::int64_t);

  Handle() = default;

  Handle(std::int64_t id, Close close) : id_(id), close_(close) {}

  Handle(Handle&& other) noexcept : id_(other.id_), close_(other.close_) {
    other.id_ = -1;
  }

  Handle& operator=(Handle&& other) noexcept;

  ~Handle() { reset(); }

  explicit operator bool() const { return id_ >= 0; }

  std::int64_t id() const { return id_; }

  void reset();

 private:
  std::int64_t id_ = -1;
  Close close_ = nullptr;
};

enum class Values { real, other };

/// One dataset of a file.
struct Dataset {
  std::string path;  ///< "/events/x1"
  std::vector<std::uint64_t> shape;
  Values values = Values::other;
  std::string type;  ///< for people
};

/// What the library says about the latest failure (the innermost cause).
std::string latest_error();

/// Opens for reading. Throws DataError with the library's reason.
Handle open_file(const std::filesystem::path& path);

/// Creates or replaces. Throws Error.
Handle create_file(const std::filesystem::path& path);

/// Flushes and closes what was created. Throws Error if that fails (disk full).
void close_written(Handle& file, const std::filesystem::path& path);

/// All datasets in the order of their names.
std::vector<Dataset> list_datasets(const Handle& file, const std::filesystem::path& path);

/// Names in a group: in order of creation where the file knows it, else by name.
std::vector<std::string> names_in(const Handle& file, const std::string& group);

Handle open_dataset(const Handle& file, const std::string& name);

enum class Growth { fixed, rows };  ///< rows: the first axis has no limit

struct Layout {
  std::vector<std::uint64_t> shape;
  std::vector<std::uint64_t> chunk;  ///< empty: contiguous
  int deflate = 0;
  Growth growth = Growth::fixed;
};

/// Creates a float64 dataset and the groups of its path (which remember the order of
/// creation); shuffled and deflated where chunks are given.
Handle create_dataset(const Handle& file, const std::string& name, const Layout& layout);

/// Text attributes of a dataset; reading gives "" if there is none.
void write_text(const Handle& object, const std::string& name, std::string_view text);
std::string read_text(const Handle& object, const std::string& name);

/// Elements [first, first + count) of the first axis, all of the others, to and from
/// doubles in C order. False if the library fails.
bool read_rows(const Handle& set, std::uint64_t first, std::uint64_t count, double* out);
bool write_rows(const Handle& set,
                std::uint64_t first,
                std::uint64_t count,
                const double* in);

/// Makes the first axis `rows` long.
bool resize_rows(const Handle& set, std::uint64_t rows);

/// Bytes of the file a dataset takes, and whether all its chunks are there.
struct Stored {
  std::uint64_t bytes = 0;
  bool complete = true;
};

Stored stored(const Handle& set);

}  // namespace femto::io::hdf5
