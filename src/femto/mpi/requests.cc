#include "femto/mpi/requests.h"

#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

#include "femto/core/error.h"

namespace femto::exchange {

void check_mpi(int code, const char* call) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw Error(std::string(call) +
                  " failed: " + std::string(text, static_cast<std::size_t>(length)),
              "look at the messages of MPI above",
              Exit::numerical);
}

namespace {

/// Looks before the core is offered to others: some microseconds where ranks share cores,
/// about a millisecond where each has its own, since whoever yields waits for its turn.
unsigned spins() {
  static const unsigned count = [] {
    const char* here = std::getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
    const unsigned ranks = here ? static_cast<unsigned>(std::atoi(here)) : 1;
    return ranks > std::thread::hardware_concurrency() ? 200U : 20'000U;
  }();
  return count;
}

}  // namespace

void Patience::wait_a_little() {
  ++looks_;
  if (looks_ < spins()) return;
  if (looks_ < spins() + 20'000)
    std::this_thread::yield();
  else
    std::this_thread::sleep_for(std::chrono::microseconds(50));
}

Ticket Requests::open(bool receives) {
  if (free_.empty()) {
    slots_.emplace_back();
    free_.push_back(slots_.size() - 1);
  }
  const auto ticket = free_.back();
  free_.pop_back();
  slots_[ticket] = {MPI_REQUEST_NULL, receives};
  return ticket;
}

void Requests::close(Ticket t) {
  slots_[t].request = MPI_REQUEST_NULL;
  free_.push_back(t);
}

}  // namespace femto::exchange
