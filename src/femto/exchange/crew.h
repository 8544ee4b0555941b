// Rank 0 leads, the others follow: who does what next, and no wait without a limit.
#pragma once
#include <cstdint>
#include <functional>

#include "femto/exchange/communicator.h"

namespace femto::exchange {

/// What the others are to do next. Kind 0 is taken: rank 0 is still at work.
struct Order {
  std::uint64_t kind = 0, item = 0;
};

/// On rank 0: does the work on a second thread, which must not use the group, while this
/// one tells the others several times per time limit that it is alive. Rethrows what the
/// work throws. In a group of one: just does the work.
void work_alone(Communicator& group, const std::function<void()>& work);

/// On rank 0: what the others are to do.
void give_order(Communicator& group, const Order& order);

/// On all others: the next order, however long rank 0 works before it. Throws
/// ExchangeError if rank 0 dies or gives up.
Order await_order(Communicator& group);

/// Every rank does the same work; if it fails on any, all leave: the lowest rank that
/// failed rethrows what happened there, the others throw ExchangeError with its words and
/// its exit code.
void together(Communicator& group, const char* what, const std::function<void()>& work);

}  // namespace femto::exchange
