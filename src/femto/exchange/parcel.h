// Bytes whose number the receiver does not know beforehand, with a label.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "femto/exchange/communicator.h"

namespace femto::exchange {

/// What a parcel is, in the words of those who exchange it, and what is in it.
struct Parcel {
  std::uint64_t kind = 0, item = 0;
  std::string bytes = {};
};

/// Returns when the bytes are on their way.
void send_parcel(
    Communicator& group, int to, int tag, const Parcel& parcel, std::string_view what);

/// Parcels of one sender, one after another. Its communicator must stay where it is. It
/// listens only while somebody asks: a parcel that comes after the last question is for
/// the next mailbox.
class Mailbox {
 public:
  Mailbox(Communicator& group, int from, int tag, std::string what);
  Mailbox(const Mailbox&) = delete;

  /// The next parcel, if it has begun to come.
  bool look(Parcel& out);

  /// The same, waiting for it. Throws ExchangeError at the time limit.
  Parcel wait();

  /// Stops listening. A parcel that has come meanwhile is thrown away.
  void hush();

 private:
  void listen();
  Parcel rest();

  Communicator& group_;
  int from_, tag_;
  std::string what_;
  std::uint64_t header_[3] = {};
  bool listening_ = false;
  Transfer next_;
};

/// The bytes of every rank, in the order of ranks. Called by all.
std::vector<std::string> gather_bytes(Communicator& group,
                                      std::string_view mine,
                                      std::string_view what);

/// The bytes of rank 0 on every rank. Called by all.
void share_bytes(Communicator& group, std::string& bytes, std::string_view what);

}  // namespace femto::exchange
