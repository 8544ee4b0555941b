// Independent items of work, given to ranks as they ask: a slow rank gets fewer.
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "femto/exchange/communicator.h"

namespace femto::exchange {

/// Sends words about an item to rank 0 while it is being worked on. Any thread.
using Say = std::function<void(std::string words)>;

/// `brief`, `hear` and `take` are called on rank 0 alone, one at a time.
struct Deal {
  std::size_t items = 0;
  std::size_t at_once = 1;  // items that a rank works on at the same time

  /// What a rank must know to work on the item; may be empty.
  std::function<std::string(std::size_t item)> brief = {};

  /// The result of one item, which must depend on nothing else. Runs on any rank, on
  /// several threads; must not use the group.
  std::function<std::string(std::size_t item, const std::string& brief, const Say& say)>
      work;

  /// Words that the work said; may be empty.
  std::function<void(std::size_t item, std::string words)> hear = {};

  std::function<void(std::size_t item, std::string result)> take;
};

/// Works off all items; called by all ranks. Returns on rank 0 which ranks were lost: the
/// others did their items. What the work throws on one rank ends the deal on all: an
/// Interrupted as such on rank 0.
std::vector<int> deal_out(Communicator& group, const Deal& deal);

}  // namespace femto::exchange
