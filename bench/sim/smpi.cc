// The driver's ranks as actors of SimGrid's SMPI: a transport on a simulated network.
//
// It makes the MPI calls of src/femto/mpi with three differences. Waits have no time
// limit: nobody dies here, and a look that a real rank does not notice is an event for
// the simulator. Time passes by simulated sleep. Windows are reads of SimGrid itself
// (SMPI's cost ranks^2 to open), and all slots of a rank's window share the memory of
// one, their stamps apart: ranks^2 vectors of 200 kB do not fit into one machine.
#include "bench/sim/group.h"
#include <mpi.h>
#include <simgrid/s4u/Actor.hpp>
#include <simgrid/s4u/Comm.hpp>

#include "femto/core/error.h"

namespace femto::sim {
namespace {

using namespace exchange;

void check(int code, const char* call) {
  if (code != MPI_SUCCESS) throw Bug(std::string(call) + " failed in simulation");
}

/// As the window of src/femto/mpi: a reader gets the slot's count of puts, then its page,
/// then the count again, each by a request and an answer that the owner does not notice.
class SimWindow final : public Window {
 public:
  SimWindow(int rank, int ranks, std::size_t slots, std::size_t bytes)
      : marks_(slots), page_(bytes), host_(simgrid::s4u::this_actor::get_host()) {
    all_.resize(static_cast<std::size_t>(ranks));
    all_[static_cast<std::size_t>(rank)] = this;
    MPI_Barrier(MPI_COMM_WORLD);
  }

  ~SimWindow() override { MPI_Barrier(MPI_COMM_WORLD); }

  void put(std::size_t slot, std::uint64_t stamp, Bytes data) override {
    std::copy(data.begin(), data.end(), page_.begin());
    marks_[slot] = {marks_[slot].puts + 1, stamp};
  }

  Look get(int member, std::size_t slot, Room out) override {
    const auto& owner = *all_[static_cast<std::size_t>(member)];
    for (;;) {
      const auto before = read(owner, sizeof(Mark::puts), slot);
      if (before.puts == 0) return {};
      const auto found = read(owner, sizeof(Mark::stamp) + out.size(), slot);
      const auto after = read(owner, sizeof(Mark::puts), slot);
      if (before.puts != after.puts) continue;
      std::copy_n(owner.page_.begin(), out.size(), out.begin());
      return {true, found.stamp};
    }
  }

 private:
  struct Mark {
    std::uint64_t puts = 0, stamp = 0;
  };

  /// The slot's mark as it is when so many bytes leave.
  Mark read(const SimWindow& owner, std::size_t bytes, std::size_t slot) const {
    constexpr std::uint64_t request = 32;  // bytes
    simgrid::s4u::Comm::sendto(host_, owner.host_, request);
    const auto mark = owner.marks_[slot];
    simgrid::s4u::Comm::sendto(owner.host_, host_, bytes);
    return mark;
  }

  // Ranks are threads of one process that run in turns; a driver opens one window.
  static inline std::vector<SimWindow*> all_;

  std::vector<Mark> marks_;
  std::vector<std::byte> page_;
  simgrid::s4u::Host* host_;
};

class SimTransport final : public Transport {
 public:
  SimTransport() {
    MPI_Init(nullptr, nullptr);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
  }

  ~SimTransport() override { MPI_Finalize(); }

  int rank() const override { return rank_; }

  int size() const override { return size_; }

  double seconds() override { return MPI_Wtime(); }

  void pass(double s) override { simgrid::s4u::this_actor::sleep_for(s); }

  Ticket send(int to, int tag, Bytes data) override {
    const auto ticket = open();
    check(MPI_Isend(data.data(),
                    static_cast<int>(data.size()),
                    MPI_BYTE,
                    to,
                    tag,
                    MPI_COMM_WORLD,
                    &requests_[ticket]),
          "MPI_Isend");
    return ticket;
  }

  Ticket receive(int from, int tag, Room out) override {
    const auto ticket = open();
    check(MPI_Irecv(out.data(),
                    static_cast<int>(out.size()),
                    MPI_BYTE,
                    from,
                    tag,
                    MPI_COMM_WORLD,
                    &requests_[ticket]),
          "MPI_Irecv");
    return ticket;
  }

  Arrival wait(Ticket ticket, double deadline) override {
    MPI_Status status;
    int done = 1;
    if (deadline <= 0)
      check(MPI_Test(&requests_[ticket], &done, &status), "MPI_Test");
    else
      check(MPI_Wait(&requests_[ticket], &status), "MPI_Wait");
    if (!done) return {};
    free_.push_back(ticket);
    int bytes = 0;
    MPI_Get_count(&status, MPI_BYTE, &bytes);
    return {Arrival::State::done, static_cast<std::size_t>(bytes)};
  }

  Arrival health(int) override { return {Arrival::State::done}; }

  void cancel(Ticket ticket) override { cancelled_.push_back(ticket); }

  std::unique_ptr<Window> open_window(const std::vector<int>& members,
                                      int,
                                      std::size_t slots,
                                      std::size_t bytes) override {
    expect(static_cast<int>(members.size()) == size_, "a window of some ranks only");
    return std::make_unique<SimWindow>(rank_, size_, slots, bytes);
  }

  void abandon(const std::string& cause) override {
    throw Bug("a simulated rank gave up: " + cause);
  }

  void forget(int) override {}

  void leave() override {}

 private:
  Ticket open() {
    if (free_.empty()) {
      requests_.push_back(MPI_REQUEST_NULL);
      return requests_.size() - 1;
    }
    const auto ticket = free_.back();
    free_.pop_back();
    return ticket;
  }

  int rank_ = 0, size_ = 1;
  std::vector<MPI_Request> requests_;
  std::vector<Ticket> free_, cancelled_;
};

}  // namespace

Communicator open_group() {
  return Communicator(std::make_shared<SimTransport>(), 1e9);
}

}  // namespace femto::sim
