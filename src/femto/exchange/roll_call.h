// The living ranks of a group meet at rank 0; the dead are left out from then on.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "femto/exchange/communicator.h"

namespace femto::exchange {

/// What every rank said, in the order of ranks; nothing of those that are dead.
using Answers = std::vector<std::optional<std::string>>;

struct RollCall {
  /// On rank 0: what becomes of it.
  std::function<std::string(const Answers& said)> decide;

  /// Whether a rank (of the whole program) has given another sign of life since this was
  /// asked before; may be empty.
  std::function<bool(int world_rank)> heard = {};
};

struct Met {
  std::string decision;   // of rank 0
  std::vector<int> lost;  // ranks of the whole program that are dead
};

/// Called by all living ranks; `mine` is what this one says. Who has ended, or gives no
/// sign for the time limit of the group, is dead: the group goes on without it, here and
/// for what follows. Nothing else of the group may be under way. Throws ExchangeError if
/// rank 0 is dead or a rank has given up.
Met call_roll(Communicator& group, std::string_view mine, const RollCall& call);

}  // namespace femto::exchange
