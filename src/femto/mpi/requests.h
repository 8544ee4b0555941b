// MPI requests behind tickets, and waits that end.
#pragma once
#include <cstdint>
#include <vector>

#include <mpi.h>

#include "femto/exchange/transport.h"

namespace femto::exchange {

/// Throws Error with MPI's words if a call did not succeed.
void check_mpi(int code, const char* call);

/// Seconds between looks at something that does not come, growing with the wait: spins
/// first, then yields the core to other ranks, then sleeps.
class Patience {
 public:
  void wait_a_little();

 private:
  unsigned looks_ = 0;
};

/// The transfers of one rank that are under way.
class Requests {
 public:
  /// A free place for a request; it is the ticket.
  Ticket open(bool receives);

  MPI_Request& operator[](Ticket t) { return slots_[t].request; }

  bool receives(Ticket t) const { return slots_[t].receives; }

  void close(Ticket t);

 private:
  struct Slot {
    MPI_Request request = MPI_REQUEST_NULL;
    bool receives = false;
  };

  std::vector<Slot> slots_;
  std::vector<Ticket> free_;
};

}  // namespace femto::exchange
