// Checkpoints: the state of a run as named blobs in checksummed files, newest two kept.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace femto::io {

/// Named values, bit for bit. Getters throw DataError if a name is missing or was put as
/// another type.
class State {
 public:
  void put(const std::string& name, std::span<const double> values);
  void put(const std::string& name, std::span<const float> values);
  void put(const std::string& name, std::span<const std::int64_t> values);
  void put(const std::string& name, double value);
  void put(const std::string& name, std::int64_t value);
  void put_text(const std::string& name, std::string_view text);

  bool has(const std::string& name) const { return entries_.contains(name); }

  std::vector<double> doubles(const std::string& name) const;
  std::vector<float> floats(const std::string& name) const;
  std::vector<std::int64_t> integers(const std::string& name) const;
  double number(const std::string& name) const;
  std::int64_t integer(const std::string& name) const;
  std::string text(const std::string& name) const;

  /// Type letter ('d', 'f', 'i' or 't') and bytes of each name, in order.
  const std::map<std::string, std::string>& entries() const { return entries_; }

  std::map<std::string, std::string>& entries() { return entries_; }

  /// All entries of another state under "prefix/name", and back again.
  void put_state(const std::string& prefix, const State& inner);
  State state(const std::string& prefix) const;

  bool operator==(const State&) const = default;

 private:
  std::map<std::string, std::string> entries_;
};

/// The state as bytes for another process, and back again. Throws DataError if they are
/// not whole.
std::string to_bytes(const State& state);
State state_from(std::string_view bytes);

/// A state found on disk.
struct Restored {
  State state;
  std::int64_t number = 0;  ///< count of the checkpoint, from 1
  std::filesystem::path file;
  std::vector<std::string> warnings;  ///< newer checkpoints that were damaged, and why
};

/// Folder of files ckpt-000001.bin, ckpt-000002.bin, ... of which the newest two are
/// kept.
class CheckpointFolder {
 public:
  /// The folder is made at the first save.
  explicit CheckpointFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Writes the next checkpoint atomically and removes all but the newest two. Returns
  /// its file. Throws Error if it cannot be written.
  std::filesystem::path save(const State& state);

  /// The newest valid checkpoint; nothing if there is none at all. If some are there and
  /// all are damaged: DataError naming each file and its damage.
  std::optional<Restored> newest() const;

 private:
  std::filesystem::path folder_;
};

}  // namespace femto::io
