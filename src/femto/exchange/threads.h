// Ranks as threads of one process: for tests, and for simulations on a virtual clock.
#pragma once
#include <exception>
#include <functional>
#include <vector>

#include "femto/exchange/communicator.h"

namespace femto::exchange {

struct ThreadGroup {
  int ranks = 2;
  double limit = 25;  // seconds, see Communicator

  /// With a virtual clock one rank runs at a time, always the one whose clock is least;
  /// only pass() and messages take time, and every run is the same.
  bool simulated = false;
  double latency = 0;           // seconds of a message
  double seconds_per_byte = 0;  // of a rank's link, which sends one message at a time
};

/// Calls body(communicator) on every rank at once. Returns how each ended: null for a
/// return, else its exception; the other ranks are told and end soon after.
std::vector<std::exception_ptr> outcomes_of_ranks(
    const ThreadGroup& group, const std::function<void(Communicator&)>& body);

/// The same, and rethrows what went wrong first: before errors of ranks that were only
/// told.
void run_as_ranks(const ThreadGroup& group,
                  const std::function<void(Communicator&)>& body);

}  // namespace femto::exchange
