// The ranks other than 0 of a run.
#pragma once
#include "femto/pipeline/plan.h"

namespace femto {

/// What rank 0 may order (exchange::Order::kind): to solve member `item` together, to
/// share the members, to end, or to hold a part of the events and answer for it.
inline constexpr std::uint64_t play = 1, share = 2, end_of_run = 3, hold_events = 4;

/// Does what rank 0 orders until the run ends. Writes and says nothing.
void assist(const Plan& plan, exchange::Communicator& group);

}  // namespace femto
