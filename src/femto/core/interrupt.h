// Ctrl-C and SIGTERM as a flag that running work asks for at safe points.
#pragma once
#include "femto/core/error.h"

namespace femto {

/// Installs handlers for SIGINT and SIGTERM. A second signal ends the program at once.
void catch_interrupts();

/// 0, or the signal that asked us to stop.
int interrupt_signal();

/// While it lives, running work is asked to stop as by SIGTERM.
class StopRequest {
 public:
  StopRequest();
  ~StopRequest();
  StopRequest(const StopRequest&) = delete;

 private:
  bool first_;  // no signal had come
};

/// Thrown at a safe point after a checkpoint was written.
class Interrupted : public Error {
 public:
  explicit Interrupted(int signal);

  /// What another process was stopped by: Exit::interrupted or Exit::terminated.
  explicit Interrupted(Exit code);
};

}  // namespace femto
