#include "femto/mpi/last_resort.h"

#include <chrono>
#include <cstdlib>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/core/log.h"

namespace femto::exchange {

LastResort::LastResort(std::string call, int rank, double limit_seconds)
    : guard_([this, call = std::move(call), rank, limit_seconds] {
        std::unique_lock lock(mutex_);
        const std::chrono::duration<double> limit(limit_seconds);
        if (wake_.wait_for(lock, limit, [&] { return returned_; })) return;
        log::warn(
            "rank {}: {} did not return within {:.3g} s: a rank is dead or was never "
            "started; the run ends here (where starting takes longer, set "
            "FEMTO_MPI_LIMIT to more seconds)",
            rank,
            call,
            limit_seconds);
        std::_Exit(static_cast<int>(Exit::numerical));
      }) {}

LastResort::~LastResort() {
  {
    const std::lock_guard lock(mutex_);
    returned_ = true;
  }
  wake_.notify_one();
}

}  // namespace femto::exchange
