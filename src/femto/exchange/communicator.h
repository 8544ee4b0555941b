// A group of ranks that exchange numbers: point to point, one-sided, together.
#pragma once
#include <concepts>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "femto/exchange/failure.h"
#include "femto/exchange/transport.h"

namespace femto::exchange {

template <class T>
concept Number = std::same_as<T, float> || std::same_as<T, double> ||
                 std::same_as<T, std::byte> || std::same_as<T, std::uint64_t>;

/// What a communicator has sent and how long it has waited.
struct Traffic {
  std::uint64_t messages = 0;  // sent, or read from a window
  std::uint64_t bytes = 0;
  std::uint64_t waits = 0;  // waits that were not over at once
  double seconds_waited = 0;

  Traffic operator-(const Traffic& earlier) const;
};

class Communicator;

/// A transfer that was started; its communicator must stay where it is. Cancelled if it
/// dies before it is done.
class Transfer {
 public:
  Transfer() = default;
  Transfer(Transfer&& other) noexcept;
  Transfer& operator=(Transfer&& other) noexcept;
  ~Transfer();

  /// Returns when the buffer may be used again. Throws ExchangeError.
  void wait();

  /// The same without waiting: true when the transfer is done.
  bool done();

  /// Waits for so long at most, which is no failure.
  bool done_within(double seconds);

 private:
  friend class Communicator;
  friend class Board;
  bool look_until(double deadline, double from);

  Communicator* group_ = nullptr;  // null: nothing under way
  Ticket ticket_ = 0;
  int peer_ = 0;
  bool receives_ = false;
  std::size_t expected_ = 0;  // bytes to receive
  const char* operation_ = "";
  std::string what_;
};

/// Slots of numbers that the members of a group read from each other; see Window.
class Board {
 public:
  Board(Communicator& group, std::size_t slots, std::size_t size, std::string what);

  void put(std::size_t slot, std::uint64_t stamp, std::span<const float> numbers);

  /// Copies slot `slot` of rank `from`.
  Window::Look get(int from, std::size_t slot, std::span<float> out);

  /// The same, but waits until there is something with a stamp of at least `oldest`.
  /// Throws ExchangeError at the time limit.
  std::uint64_t get_fresh(int from,
                          std::size_t slot,
                          std::uint64_t oldest,
                          std::span<float> out);

 private:
  Communicator& group_;
  std::string what_;
  std::unique_ptr<Window> window_;
};

/// This rank's view of a group. Every wait ends within `limit()` seconds, by success or
/// by an ExchangeError that names rank, operation and tensor. The collective operations
/// are in collectives.h.
class Communicator {
 public:
  explicit Communicator(std::shared_ptr<Transport> transport, double limit_seconds = 25);

  int rank() const { return rank_; }

  int size() const { return static_cast<int>(members_.size()); }

  double limit() const { return limit_; }

  void set_limit(double seconds) { limit_ = seconds; }

  double seconds() { return transport_->seconds(); }

  void pass(double s) { transport_->pass(s); }

  /// Starts sending to, or receiving exactly this many numbers from, another rank. Tags
  /// 0 to 4095 keep concurrent conversations apart; collectives use the next 4096.
  template <Number T>
  Transfer send(int to,
                int tag,
                std::span<const T> numbers,
                std::string_view what,
                const char* operation = "send") {
    return start_send(to, tag, std::as_bytes(numbers), what, operation);
  }

  template <Number T>
  Transfer receive(int from,
                   int tag,
                   std::span<T> numbers,
                   std::string_view what,
                   const char* operation = "receive") {
    return start_receive(from, tag, std::as_writable_bytes(numbers), what, operation);
  }

  /// The ranks that give the same colour, in the order of their ranks here. Called by
  /// all.
  Communicator split(int colour);

  /// Declares the run failed: all other ranks end their waits with this cause, and with
  /// this exit code in their ExchangeError.
  void abandon(const std::string& cause, Exit code = Exit::numerical);

  /// Throws ExchangeError if the run was abandoned or this rank has left.
  void check(int peer, const char* operation, std::string_view what);

  /// The rank in the whole program of a member of this group.
  int world(int member) const { return members_.at(static_cast<std::size_t>(member)); }

  /// The group without these ranks (of the whole program), which are dead. Called by all
  /// others, who need not be able to wait for each other.
  Communicator without(const std::vector<int>& dead) const;

  /// This rank goes on without a dead one.
  void forget(int peer) { transport_->forget(world(peer)); }

  /// This rank is done; who still waits for it gets an error at once.
  void leave() { transport_->leave(); }

  const Traffic& traffic() const { return *traffic_; }

  /// An error at this place. `peer` is a rank of this group.
  [[noreturn]] void fail(int peer,
                         const char* operation,
                         std::string_view what,
                         double seconds,
                         Cause cause,
                         const std::string& words,
                         const std::string& hint,
                         Exit code = Exit::numerical) const;

 private:
  friend class Transfer;
  friend class Board;

  Transfer start_send(
      int to, int tag, Bytes data, std::string_view what, const char* operation);
  Transfer start_receive(
      int from, int tag, Room out, std::string_view what, const char* operation);
  int wire_tag(int tag) const;

  void judge(const Arrival& arrival, const Transfer& transfer, double waited) const;

  std::shared_ptr<Transport> transport_;
  std::shared_ptr<Traffic> traffic_;
  std::shared_ptr<int> contexts_;  // highest context in use on this rank
  std::vector<int> members_;       // their ranks in the transport
  int rank_ = 0;
  int context_ = 0;
  double limit_;
};

}  // namespace femto::exchange
