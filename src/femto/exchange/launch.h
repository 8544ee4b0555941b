// The group that this program was started in.
#pragma once
#include <string>

#include "femto/exchange/communicator.h"

namespace femto::exchange {

/// "mpirun" or "srun" if one of them started this program as one rank of several; else
/// empty. Looks at the environment alone.
std::string started_by();

/// All ranks of an mpirun or srun; a group of one otherwise. MPI is loaded only for the
/// former (`lib/femto/mpi/femto_mpi.so`, or the file named by FEMTO_MPI_TRANSPORT).
/// Calls into MPI that know no limit, its start among them, end the process after the
/// limit or 20 s, whichever is less, or after the seconds in FEMTO_MPI_LIMIT. Throws
/// Error if MPI is needed and not there.
Communicator open_world(double limit_seconds = 25);

}  // namespace femto::exchange
