// Memory for short-lived work, kept by each thread for the next time.
#pragma once
#include <memory_resource>
#include <vector>

namespace femto {

/// The stack of the calling thread: loops with the same work ask the heap nothing after
/// their first round. Blocks may go back in any order, but from the same thread, as local
/// variables do; their room is used again once all later blocks are back too. Aligned to
/// cache lines.
std::pmr::memory_resource* scratch();

/// A vector that lives there: ScratchVector<double> x(n, scratch()).
template <class T>
using ScratchVector = std::pmr::vector<T>;

}  // namespace femto
