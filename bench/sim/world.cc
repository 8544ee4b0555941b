// The driver's ranks as processes of mpirun, over the transport that ships.
#include "bench/sim/group.h"

#include "femto/exchange/launch.h"

femto::exchange::Communicator femto::sim::open_group() {
  return exchange::open_world(60);
}
