#include "femto/core/interrupt.h"

#include <csignal>

namespace femto {
namespace {
volatile std::sig_atomic_t received = 0;

void remember(int signal) {
  received = signal;
  std::signal(signal, SIG_DFL);
}
}  // namespace

void catch_interrupts() {
  std::signal(SIGINT, remember);
  std::signal(SIGTERM, remember);
}

StopRequest::StopRequest() : first_(received == 0) {
  if (first_) received = SIGTERM;
}

StopRequest::~StopRequest() {
  if (first_) received = 0;
}

int interrupt_signal() {
  return received;
}

Interrupted::Interrupted(int signal)
    : Error(signal == SIGTERM ? "terminated" : "interrupted",
            {},
            signal == SIGTERM ? Exit::terminated : Exit::interrupted) {}

Interrupted::Interrupted(Exit code)
    : Interrupted(code == Exit::terminated ? SIGTERM : SIGINT) {}

}  // namespace femto
