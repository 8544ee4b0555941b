// What every transport must do; run over threads here and over MPI by mpi_main.cc.
#pragma once
#include "femto/exchange/communicator.h"

namespace femto::exchange {

void check_point_to_point(Communicator& group);
void check_allreduce(Communicator& group);
void check_broadcast_and_gather(Communicator& group);
void check_split(Communicator& group);
void check_windows(Communicator& group);
void check_uneven_lengths(Communicator& group);
void check_missing_rank(Communicator& group);
void check_weight_hashes(Communicator& group);

}  // namespace femto::exchange
