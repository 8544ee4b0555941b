// Ends the process if a call into MPI that has no time limit of its own does not return.
#pragma once
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace femto::exchange {

/// While it lives, and after the limit, the process ends with a message: no error can be
/// thrown out of a call that does not come back. mpirun then ends the other ranks.
class LastResort {
 public:
  LastResort(std::string call, int rank, double limit_seconds);
  ~LastResort();

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool returned_ = false;
  std::jthread guard_;
};

}  // namespace femto::exchange
