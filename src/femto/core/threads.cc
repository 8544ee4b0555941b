#include "femto/core/threads.h"

#include <atomic>
#include <exception>
#include <memory>
#include <mutex>

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "femto/core/cores.h"

namespace femto {
namespace {
std::unique_ptr<tbb::global_control> control;
int wanted = 0;
}  // namespace

void set_threads(int count) {
  wanted = count > 0 ? count : usable_cores();
  control = std::make_unique<tbb::global_control>(
      tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(wanted));
}

int threads() {
  if (wanted == 0) set_threads(0);
  return wanted;
}

void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body) {
  if (threads() == 1 || count < 2) {
    for (std::size_t i = 0; i < count; ++i) body(i);
    return;
  }
  // Exceptions do not pass through the scheduler: it would silently cut short the nested
  // loops of other pieces, which would go on with half their sums.
  std::mutex mutex;
  std::exception_ptr first;
  std::atomic<bool> failed = false;
  const auto guarded = [&](std::size_t i) {
    if (failed) return;
    try {
      body(i);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!first) first = std::current_exception();
      failed = true;
    }
  };
  // A thread that waits for its own pieces must not begin an outer one meanwhile (a whole
  // ensemble member, say): it would come back late, in another state.
  tbb::this_task_arena::isolate(
      [&] { tbb::parallel_for(std::size_t{0}, count, guarded); });
  if (first) std::rethrow_exception(first);
}

}  // namespace femto
