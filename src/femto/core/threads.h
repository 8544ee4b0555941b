// Work on several threads with results that do not depend on their number.
#pragma once
#include <cstddef>
#include <functional>

namespace femto {

/// How many threads `parallel_for` may use; 0 means all usable_cores(). Call once, early.
/// Threads are not pinned: the system moves them when others need the core.
void set_threads(int count);
int threads();

/// Calls body(i) for i in [0, count), in any order, on any thread. The first exception
/// is rethrown here. Calls may be nested. For results that are the same for any number
/// of threads let i name a fixed piece of work, keep one result per piece and combine
/// them in order afterwards.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body);

/// Fixed pieces of [0, n): piece i is [i * size, min(n, (i + 1) * size)).
struct Pieces {
  std::size_t n = 0, size = 4096;

  std::size_t count() const { return (n + size - 1) / size; }

  std::size_t begin(std::size_t i) const { return i * size; }

  std::size_t end(std::size_t i) const { return (i + 1) * size < n ? (i + 1) * size : n; }
};

}  // namespace femto
