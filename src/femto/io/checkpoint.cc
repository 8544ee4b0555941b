// Checkpoints: the state of a run as named blobs in checksummed files, newest two kept.
#include "femto/io/checkpoint.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/core/files.h"
#include "femto/core/hash.h"
#include "femto/core/text.h"

namespace femto::io {
namespace {

static_assert(std::endian::native == std::endian::little,
              "checkpoints are little-endian");

constexpr std::string_view magic = "femto-checkpoint";
constexpr std::uint32_t version = 1;
constexpr std::size_t kept = 2;

/// 16 bytes of magic, then this, then the hash of both.
struct Header {
  std::uint32_t version = 0;
  std::uint32_t entries = 0;
  std::int64_t number = 0;
  std::uint64_t payload_bytes = 0;
  std::uint64_t payload_hash = 0;
};

constexpr std::size_t hash_at = magic.size() + sizeof(Header);
constexpr std::size_t payload_at = hash_at + sizeof(std::uint64_t);

template <class T>
std::string_view raw(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(T)};
}

template <class T>
std::string packed(char type, std::span<const T> values) {
  return type +
         std::string(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

std::string_view type_name(char type) {
  if (type == 'd') return "doubles";
  if (type == 'f') return "floats";
  return type == 'i' ? "integers" : "text";
}

std::string_view bytes_of(const State& state, const std::string& name, char type) {
  const auto at = state.entries().find(name);
  if (at == state.entries().end()) {
    std::vector<std::string> names;
    for (const auto& entry : state.entries()) names.push_back(entry.first);
    const auto near = closest(name, names);
    throw DataError(
        fmt::format(
            "the checkpoint has no '{}' (it was made by another study or version)", name),
        near ? fmt::format("it has '{}'", *near) : "start the run anew");
  }
  const std::string_view stored = at->second;
  if (stored.empty() || stored[0] != type)
    throw DataError(fmt::format("the checkpoint holds {} as '{}', expected {}",
                                type_name(stored.empty() ? '?' : stored[0]),
                                name,
                                type_name(type)),
                    "start the run anew");
  return stored.substr(1);
}

template <class T>
std::vector<T> unpacked(std::string_view bytes) {
  std::vector<T> out(bytes.size() / sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), bytes.data(), out.size() * sizeof(T));
  return out;
}

template <class T>
T only(std::vector<T> values, const std::string& name) {
  if (values.size() != 1)
    throw DataError(
        fmt::format(
            "the checkpoint holds {} numbers as '{}', expected one", values.size(), name),
        "start the run anew");
  return values[0];
}

std::string encode(const State& state, std::int64_t number) {
  std::string payload;
  for (const auto& [name, value] : state.entries()) {
    payload += raw(static_cast<std::uint32_t>(name.size()));
    payload += name;
    payload += raw(static_cast<std::uint64_t>(value.size()));
    payload += value;
  }
  const Header header{version,
                      static_cast<std::uint32_t>(state.entries().size()),
                      number,
                      payload.size(),
                      hash64(payload)};
  std::string out(magic);
  out += raw(header);
  out += raw(hash64(out));
  return out + payload;
}

/// Reads pieces off the front; false once there is too little.
class Cursor {
 public:
  explicit Cursor(std::string_view left) : left_(left) {}

  template <class T>
  bool take(T& out) {
    if (left_.size() < sizeof(T)) return false;
    std::memcpy(&out, left_.data(), sizeof(T));
    left_.remove_prefix(sizeof(T));
    return true;
  }

  bool take(std::size_t n, std::string& out) {
    if (left_.size() < n) return false;
    out = left_.substr(0, n);
    left_.remove_prefix(n);
    return true;
  }

  bool at_end() const { return left_.empty(); }

 private:
  std::string_view left_;
};

bool decode_payload(std::string_view payload, std::uint32_t entries, State& out) {
  Cursor at(payload);
  for (std::uint32_t i = 0; i < entries; ++i) {
    std::uint32_t name_bytes = 0;
    std::uint64_t value_bytes = 0;
    std::string name;
    if (!at.take(name_bytes) || !at.take(name_bytes, name) || !at.take(value_bytes) ||
        !at.take(value_bytes, out.entries()[name]))
      return false;
  }
  return at.at_end();
}

/// Empty if the file is good, else what is wrong with it.
std::string decode(std::string_view file, std::int64_t number, State& out) {
  if (file.size() < payload_at) return "truncated in its header";
  if (!file.starts_with(magic)) return "it does not begin as a checkpoint";
  Header header;
  std::uint64_t hash = 0;
  std::memcpy(&header, file.data() + magic.size(), sizeof(Header));
  std::memcpy(&hash, file.data() + hash_at, sizeof(hash));
  if (hash != hash64(file.substr(0, hash_at)))
    return "the checksum of its header is wrong";
  if (header.version != version)
    return fmt::format(
        "it has format version {}, this program reads {}", header.version, version);
  if (header.number != number)
    return fmt::format("it is checkpoint {} renamed", header.number);
  const auto payload = file.substr(payload_at);
  if (payload.size() < header.payload_bytes)
    return fmt::format("truncated: {} of {} bytes", payload.size(), header.payload_bytes);
  if (payload.size() > header.payload_bytes) return "there is garbage after its end";
  if (hash64(payload) != header.payload_hash)
    return "the checksum of its content is wrong";
  return decode_payload(payload, header.entries, out) ? "" : "its content is malformed";
}

/// The number in "ckpt-000123.bin", or nothing.
std::optional<std::int64_t> number_of(const std::string& name) {
  constexpr std::string_view head = "ckpt-";
  constexpr std::string_view tail = ".bin";
  if (!name.starts_with(head) || !name.ends_with(tail) ||
      name.size() <= head.size() + tail.size())
    return std::nullopt;
  std::int64_t n = 0;
  const char* end = name.data() + name.size() - tail.size();
  const auto [stop, status] = std::from_chars(name.data() + head.size(), end, n);
  if (status != std::errc() || stop != end || n < 0) return std::nullopt;
  return n;
}

struct Found {
  std::int64_t number = 0;
  std::filesystem::path file;
};

/// Newest first.
std::vector<Found> list(const std::filesystem::path& folder) {
  std::vector<Found> out;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(folder, missing))
    if (const auto n = number_of(entry.path().filename().string()))
      out.push_back({*n, entry.path()});
  std::sort(out.begin(), out.end(), [](const Found& a, const Found& b) {
    return a.number > b.number;
  });
  return out;
}

}  // namespace

void State::put(const std::string& name, std::span<const double> values) {
  entries_[name] = packed('d', values);
}

void State::put(const std::string& name, std::span<const float> values) {
  entries_[name] = packed('f', values);
}

void State::put(const std::string& name, std::span<const std::int64_t> values) {
  entries_[name] = packed('i', values);
}

void State::put(const std::string& name, double value) {
  put(name, std::span<const double>(&value, 1));
}

void State::put(const std::string& name, std::int64_t value) {
  put(name, std::span<const std::int64_t>(&value, 1));
}

void State::put_text(const std::string& name, std::string_view text) {
  entries_[name] = 't' + std::string(text);
}

std::vector<double> State::doubles(const std::string& name) const {
  return unpacked<double>(bytes_of(*this, name, 'd'));
}

std::vector<float> State::floats(const std::string& name) const {
  return unpacked<float>(bytes_of(*this, name, 'f'));
}

std::vector<std::int64_t> State::integers(const std::string& name) const {
  return unpacked<std::int64_t>(bytes_of(*this, name, 'i'));
}

double State::number(const std::string& name) const {
  return only(doubles(name), name);
}

std::int64_t State::integer(const std::string& name) const {
  return only(integers(name), name);
}

std::string State::text(const std::string& name) const {
  return std::string(bytes_of(*this, name, 't'));
}

std::string to_bytes(const State& state) {
  return encode(state, 0);
}

State state_from(std::string_view bytes) {
  State out;
  if (const auto damage = decode(bytes, 0, out); !damage.empty())
    throw DataError("the state that another rank sent is damaged: " + damage);
  return out;
}

void State::put_state(const std::string& prefix, const State& inner) {
  for (const auto& [name, value] : inner.entries_) entries_[prefix + '/' + name] = value;
}

State State::state(const std::string& prefix) const {
  State out;
  const auto head = prefix + '/';
  for (auto at = entries_.lower_bound(head);
       at != entries_.end() && at->first.starts_with(head);
       ++at)
    out.entries_[at->first.substr(head.size())] = at->second;
  return out;
}

std::filesystem::path CheckpointFolder::save(const State& state) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) fail("cannot make the folder {} ({})", folder_.string(), error.message());
  const auto before = list(folder_);
  const auto number = before.empty() ? 1 : before[0].number + 1;
  const auto file = folder_ / fmt::format("ckpt-{:06}.bin", number);
  write_file_atomically(file, encode(state, number));
  for (std::size_t i = kept - 1; i < before.size(); ++i)
    std::filesystem::remove(before[i].file, error);
  return file;
}

std::optional<Restored> CheckpointFolder::newest() const {
  const auto found = list(folder_);
  Restored out;
  for (const auto& [number, file] : found) {
    out.state = {};
    std::string damage;
    try {
      damage = decode(read_file(file), number, out.state);
    } catch (const Error& e) {
      damage = e.what();
    }
    if (damage.empty()) {
      out.number = number;
      out.file = file;
      return out;
    }
    out.warnings.push_back(fmt::format(
        "checkpoint {} is damaged ({}); the one before is used", file.string(), damage));
  }
  if (found.empty()) return std::nullopt;
  for (auto& w : out.warnings) w.resize(w.rfind(';'));
  throw DataError(
      fmt::format("no checkpoint can be used:\n  {}", fmt::join(out.warnings, "\n  ")),
      "start the run anew");
}

}  // namespace femto::io
