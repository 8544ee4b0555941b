// The monitor that tells nobody, but still lets Ctrl-C stop long work.
#include "femto/pipeline/monitor.h"

#include "femto/core/interrupt.h"

namespace femto {

bool SilentMonitor::save_due() {
  return interrupt_signal() != 0;
}

void SilentMonitor::save(const io::State&) {
  if (const int signal = interrupt_signal()) throw Interrupted(signal);
}

}  // namespace femto
