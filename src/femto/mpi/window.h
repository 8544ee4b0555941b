// Slots in memory that MPI lets the other ranks read.
#pragma once
#include <memory>
#include <vector>

#include <mpi.h>

#include "femto/exchange/transport.h"

namespace femto::exchange {

/// Opened by all members at once.
std::unique_ptr<Window> open_mpi_window(MPI_Comm world,
                                        const std::vector<int>& members,
                                        int context,
                                        std::size_t slots,
                                        std::size_t bytes,
                                        double limit_seconds);

}  // namespace femto::exchange
