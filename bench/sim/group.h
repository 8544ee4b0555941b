// How the driver of the scaling study meets the other ranks: really, or in simulation.
#pragma once
#include "femto/exchange/communicator.h"

namespace femto::sim {

/// All ranks of this mpirun (world.cc) or of this smpirun (smpi.cc).
exchange::Communicator open_group();

}  // namespace femto::sim
