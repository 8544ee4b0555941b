#include "femto/exchange/parcel.h"

#include <algorithm>

#include "femto/exchange/collectives.h"

namespace femto::exchange {
namespace {

constexpr int gather_tag = 4000;

Bytes bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

Room room_of(std::string& text) {
  return std::as_writable_bytes(std::span(text.data(), text.size()));
}

}  // namespace

void send_parcel(
    Communicator& group, int to, int tag, const Parcel& parcel, std::string_view what) {
  const std::uint64_t header[] = {parcel.kind, parcel.item, parcel.bytes.size()};
  auto first = group.send<std::uint64_t>(to, tag, header, what);
  Transfer second;
  if (!parcel.bytes.empty())
    second = group.send<std::byte>(to, tag, bytes_of(parcel.bytes), what);
  first.wait();
  second.wait();
}

Mailbox::Mailbox(Communicator& group, int from, int tag, std::string what)
    : group_(group), from_(from), tag_(tag), what_(std::move(what)) {}

void Mailbox::listen() {
  if (listening_) return;
  next_ = group_.receive<std::uint64_t>(from_, tag_, std::span(header_), what_);
  listening_ = true;
}

bool Mailbox::look(Parcel& out) {
  listen();
  if (!next_.done()) return false;
  out = rest();
  return true;
}

Parcel Mailbox::wait() {
  listen();
  next_.wait();
  return rest();
}

void Mailbox::hush() {
  next_ = {};
  listening_ = false;
}

Parcel Mailbox::rest() {
  listening_ = false;
  Parcel out{header_[0], header_[1], std::string(header_[2], ' ')};
  if (!out.bytes.empty())
    group_.receive<std::byte>(from_, tag_, room_of(out.bytes), what_).wait();
  return out;
}

std::vector<std::string> gather_bytes(Communicator& group,
                                      std::string_view mine,
                                      std::string_view what) {
  const std::uint64_t size = mine.size();
  std::vector<std::uint64_t> sizes(static_cast<std::size_t>(group.size()));
  allgather<std::uint64_t>(group, std::span(&size, 1), sizes, what);
  std::vector<std::string> all;
  for (const auto n : sizes) all.emplace_back(n, ' ');
  all[static_cast<std::size_t>(group.rank())] = mine;
  std::vector<Transfer> receives, sends;
  for (int r = 0; r < group.size(); ++r)
    if (r != group.rank()) {
      auto& room = all[static_cast<std::size_t>(r)];
      receives.push_back(
          group.receive<std::byte>(r, gather_tag, room_of(room), what, "gather"));
    }
  for (int r = 0; r < group.size(); ++r)
    if (r != group.rank())
      sends.push_back(
          group.send<std::byte>(r, gather_tag, bytes_of(mine), what, "gather"));
  for (auto& t : receives) t.wait();
  for (auto& t : sends) t.wait();
  return all;
}

void share_bytes(Communicator& group, std::string& bytes, std::string_view what) {
  std::uint64_t size = bytes.size();
  broadcast<std::uint64_t>(group, 0, std::span(&size, 1), what);
  bytes.resize(size);
  broadcast<std::byte>(group, 0, room_of(bytes), what);
}

}  // namespace femto::exchange
