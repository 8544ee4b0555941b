// How bytes travel between ranks: the few operations that a transport must provide.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace femto::exchange {

using Bytes = std::span<const std::byte>;
using Room = std::span<std::byte>;

/// A transfer under way.
using Ticket = std::uint64_t;

/// How a wait ended.
struct Arrival {
  enum class State {
    pending,    // not yet, and the deadline has passed
    done,       // the buffer is ours again
    too_long,   // more bytes came than the buffer holds
    peer_left,  // the peer has ended its part and will never answer
    abandoned,  // a rank has declared the run failed
  } state = State::pending;

  std::size_t bytes = 0;   // received
  int culprit = -1;        // left or abandoned: which rank
  std::string cause = {};  // abandoned: its words
};

/// Memory of every rank that the others read without asking: slots of one size, each
/// with the stamp of its last put. A slot is never seen half written.
class Window {
 public:
  virtual ~Window() = default;

  /// Replaces the content of one of this rank's slots.
  virtual void put(std::size_t slot, std::uint64_t stamp, Bytes data) = 0;

  struct Look {
    bool found = false;  // false: nothing was put there yet, or it changed while we read
    std::uint64_t stamp = 0;
  };

  /// Copies a slot of a rank (its place in the list of members) without its help.
  virtual Look get(int member, std::size_t slot, Room out) = 0;
};

/// One rank's end of a group of ranks. Used by one thread. Messages between two ranks
/// with one tag arrive in the order in which they were sent.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;

  /// Seconds since some fixed moment. A simulated group counts simulated time.
  virtual double seconds() = 0;

  /// Lets time pass: a sleep, or a step of the simulated clock.
  virtual void pass(double seconds) = 0;

  /// Starts a transfer. The buffer must live, and stay as it is, until the ticket is
  /// done or cancelled.
  virtual Ticket send(int to, int tag, Bytes data) = 0;
  virtual Ticket receive(int from, int tag, Room out) = 0;

  /// Waits until the transfer is done or seconds() reaches the deadline; a deadline in
  /// the past only looks. A ticket is over after anything but `pending`.
  virtual Arrival wait(Ticket ticket, double deadline) = 0;

  /// `done` while this rank may be expected to answer, else why not.
  virtual Arrival health(int peer) = 0;

  /// Gives a transfer up; what arrives for it later is lost.
  virtual void cancel(Ticket ticket) = 0;

  /// The members (ranks, in the same order everywhere) open a window together. `context`
  /// tells windows of different groups apart.
  virtual std::unique_ptr<Window> open_window(const std::vector<int>& members,
                                              int context,
                                              std::size_t slots,
                                              std::size_t bytes) = 0;

  /// Tells every rank that the run has failed; their waits end with `abandoned`.
  virtual void abandon(const std::string& cause) = 0;

  /// This rank goes on without that one, and must not wait for it at the end either.
  virtual void forget(int peer) = 0;

  /// Tells every rank that this one sends no more; waits for it end with `peer_left`.
  virtual void leave() = 0;
};

}  // namespace femto::exchange
