#include "femto/core/threads.h"

#include <memory>
#include <thread>

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

namespace femto {
namespace {
std::unique_ptr<tbb::global_control> control;
int wanted = 0;
}  // namespace

void set_threads(int count) {
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  wanted = count > 0 ? count : (cores > 0 ? cores : 1);
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
  // A thread that waits for its own pieces must not begin an outer one meanwhile (a whole
  // ensemble member, say): it would come back late, in another state.
  tbb::this_task_arena::isolate(
      [&] { tbb::parallel_for(std::size_t{0}, count, body); });
}

}  // namespace femto
