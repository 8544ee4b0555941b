// What the threads of one ThreadGroup share: mail, windows and the clock.
#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "femto/exchange/threads.h"

namespace femto::exchange {

/// All functions are called by the thread of `rank`.
class Hub {
 public:
  explicit Hub(const ThreadGroup& group);

  double seconds(int rank);
  void pass(int rank, double seconds);
  void deliver(int rank, int to, int tag, Bytes data);
  Arrival take(int rank, int from, int tag, Room out, double deadline);
  Arrival health(int peer);
  void abandon(int rank, const std::string& cause);
  void leave(int rank);

  /// Waits for this rank's first turn, and gives the turn away for good.
  void begin(int rank);
  void end(int rank);

  struct Pages;  // the windows of one group that were opened together
  std::shared_ptr<Pages> pages(int rank,
                               const std::vector<int>& members,
                               int context,
                               std::size_t slots,
                               std::size_t bytes);

  /// Simulated time that moving so many bytes takes.
  double transfer_seconds(std::size_t bytes) const;

  int size() const { return static_cast<int>(ranks_.size()); }

 private:
  struct Message {
    std::vector<std::byte> data;
    double arrival = 0;
  };

  struct Rank {
    std::condition_variable wake;
    bool runs = true;  // not at end()
    bool left = false;
    double clock = 0;      // simulated time of this rank
    double next = 0;       // simulated time at which it wants its turn
    double link_free = 0;  // simulated time at which its link can send again
    std::map<std::pair<int, int>, std::deque<Message>> mail;  // by sender and tag
    std::map<std::pair<int, int>, int> windows;               // opened so far, by group
  };

  using Lock = std::unique_lock<std::mutex>;
  double real_seconds() const;
  void give_turn();
  void sleep_until(Lock& lock, int rank, double time);
  Arrival::State trouble(int peer) const;
  Arrival told(Arrival::State state, int peer) const;

  ThreadGroup group_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::vector<Rank> ranks_;
  int turn_ = 0;  // simulated: who runs
  int culprit_ = -1;
  std::string cause_;
  std::map<std::tuple<int, int, int>, std::shared_ptr<Pages>> pages_;
};

struct Hub::Pages {
  struct Slot {
    std::vector<std::byte> data;
    Window::Look look;
  };

  std::mutex mutex;
  std::vector<std::vector<Slot>> of;  // [member][slot]
};

}  // namespace femto::exchange
