// Ranks of an mpirun or srun: the transport that the library opens when it was started by
// one of them.
#include <algorithm>
#include <cstdlib>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <mpi.h>

#include "femto/core/error.h"
#include "femto/mpi/last_resort.h"
#include "femto/mpi/requests.h"
#include "femto/mpi/window.h"

namespace femto::exchange {
namespace {

constexpr unsigned looks_per_news = 64;  // looks at a request between looks for news

class MpiTransport final : public Transport {
 public:
  explicit MpiTransport(double limit) : limit_(limit) {
    const char* given = std::getenv("OMPI_COMM_WORLD_RANK");
    const LastResort guard("MPI_Init", given ? std::atoi(given) : 0, limit);
    int provided = 0;
    check_mpi(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided),
              "MPI_Init_thread");
    if (provided < MPI_THREAD_FUNNELED)
      throw Error("this MPI library cannot be used by a program with threads",
                  "use OpenMPI, or build MPI with thread support");
    // News travel apart from data, so that no tag of theirs can meet.
    check_mpi(MPI_Comm_dup(MPI_COMM_WORLD, &data_), "MPI_Comm_dup");
    check_mpi(MPI_Comm_dup(MPI_COMM_WORLD, &news_), "MPI_Comm_dup");
    MPI_Comm_set_errhandler(data_, MPI_ERRORS_RETURN);
    MPI_Comm_set_errhandler(news_, MPI_ERRORS_RETURN);
    MPI_Comm_rank(data_, &rank_);
    MPI_Comm_size(data_, &size_);
    left_.assign(static_cast<std::size_t>(size_), false);
    spoken_ = dead_ = left_;
    spoken_[static_cast<std::size_t>(rank_)] = true;
  }

  // MPI_Finalize waits for all ranks, so it may be called only when all have said that
  // they end, well or not. mpirun takes the silence of a rank that does not call it for a
  // crash and ends the others; that is left for when a rank is dead.
  ~MpiTransport() override {
    if (!spoke_) leave();
    const bool failed = failed_ || culprit_ >= 0;
    if (!all_have_spoken(failed ? std::min(limit_, 3.0) : limit_) || deaths_) return;
    const LastResort guard("MPI_Finalize", rank_, limit_);
    MPI_Finalize();
  }

  int rank() const override { return rank_; }

  int size() const override { return size_; }

  double seconds() override { return MPI_Wtime(); }

  void pass(double s) override {
    std::this_thread::sleep_for(std::chrono::duration<double>(s));
  }

  Ticket send(int to, int tag, Bytes data) override {
    const auto ticket = requests_.open(false);
    check_mpi(MPI_Isend(data.data(),
                        static_cast<int>(data.size()),
                        MPI_BYTE,
                        to,
                        tag,
                        data_,
                        &requests_[ticket]),
              "MPI_Isend");
    return ticket;
  }

  Ticket receive(int from, int tag, Room out) override {
    const auto ticket = requests_.open(true);
    check_mpi(MPI_Irecv(out.data(),
                        static_cast<int>(out.size()),
                        MPI_BYTE,
                        from,
                        tag,
                        data_,
                        &requests_[ticket]),
              "MPI_Irecv");
    peers_[ticket] = from;
    return ticket;
  }

  Arrival wait(Ticket ticket, double deadline) override {
    Patience patience;
    bool gone = false;
    for (unsigned look = 0;; ++look) {
      if (auto arrival = test(ticket); arrival.state != Arrival::State::pending)
        return arrival;
      if (gone) return end(ticket);
      if (deadline <= 0) return {};
      if (look % looks_per_news == looks_per_news - 1) {
        if (MPI_Wtime() >= deadline) return {};
        read_news();
        // One more look: what was sent before the news may have come meanwhile.
        gone =
            requests_.receives(ticket) && trouble(peers_[ticket]) != Arrival::State::done;
        if (culprit_ >= 0) gone = true;
      }
      patience.wait_a_little();
    }
  }

  Arrival health(int peer) override {
    read_news();
    return told(trouble(peer), peer);
  }

  void cancel(Ticket ticket) override {
    auto& request = requests_[ticket];
    int done = 0;
    MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (!done && requests_.receives(ticket)) {
      MPI_Cancel(&request);
      MPI_Request_free(&request);
    } else if (!done) {
      // A send cannot be taken back. Its buffer dies with the caller, so the run, if it
      // goes on, must not finish as if nothing had been under way.
      failed_ = true;
      MPI_Request_free(&request);
    }
    requests_.close(ticket);
  }

  std::unique_ptr<Window> open_window(const std::vector<int>& members,
                                      int context,
                                      std::size_t slots,
                                      std::size_t bytes) override {
    return open_mpi_window(data_, members, context, slots, bytes, limit_);
  }

  void abandon(const std::string& cause) override {
    failed_ = true;
    tell_all('f', cause);
  }

  // The others must not wait for the dead at the end either.
  void forget(int peer) override {
    bury(peer);
    post('d' + std::to_string(peer));
  }

  void leave() override { tell_all('l', {}); }

 private:
  Arrival test(Ticket ticket) {
    int done = 0;
    MPI_Status status;
    const int code = MPI_Test(&requests_[ticket], &done, &status);
    if (code == MPI_SUCCESS && !done) return {};
    const bool receives = requests_.receives(ticket);
    requests_.close(ticket);
    int kind = MPI_SUCCESS;
    if (code != MPI_SUCCESS) MPI_Error_class(code, &kind);
    if (kind == MPI_ERR_TRUNCATE) return {Arrival::State::too_long};
    check_mpi(code, "MPI_Test");
    int bytes = 0;
    if (receives) MPI_Get_count(&status, MPI_BYTE, &bytes);
    return {Arrival::State::done, static_cast<std::size_t>(bytes)};
  }

  /// The ticket's wait ends because of what the news say.
  Arrival end(Ticket ticket) {
    const int peer = requests_.receives(ticket) ? peers_[ticket] : -1;
    failed_ = true;
    cancel(ticket);
    return told(culprit_ >= 0 ? Arrival::State::abandoned : Arrival::State::peer_left,
                peer);
  }

  Arrival::State trouble(int peer) const {
    if (culprit_ >= 0) return Arrival::State::abandoned;
    return left_[static_cast<std::size_t>(peer)] ? Arrival::State::peer_left
                                                 : Arrival::State::done;
  }

  Arrival told(Arrival::State state, int peer) const {
    const bool given_up = state == Arrival::State::abandoned;
    return {state, 0, given_up ? culprit_ : peer, given_up ? cause_ : std::string()};
  }

  bool all_have_spoken(double limit) {
    const double until = MPI_Wtime() + limit;
    Patience patience;
    for (;;) {
      read_news();
      if (std::all_of(spoken_.begin(), spoken_.end(), [](bool b) { return b; }))
        return true;
      if (MPI_Wtime() > until) return false;
      patience.wait_a_little();
    }
  }

  void bury(int peer) {
    failed_ = deaths_ = true;
    spoken_[static_cast<std::size_t>(peer)] = true;
    dead_[static_cast<std::size_t>(peer)] = true;
  }

  void tell_all(char kind, const std::string& words) {
    spoke_ = true;
    post(kind + words);
  }

  void post(std::string words) {
    tellings_.push_back(std::move(words));
    const auto& message = tellings_.back();
    for (int r = 0; r < size_; ++r)
      if (r != rank_)
        MPI_Isend(message.data(),
                  static_cast<int>(message.size()),
                  MPI_BYTE,
                  r,
                  0,
                  news_,
                  &telling_.emplace_back(MPI_REQUEST_NULL));
  }

  void read_news() {
    for (int here = 0;;) {
      MPI_Status status;
      if (MPI_Iprobe(MPI_ANY_SOURCE, 0, news_, &here, &status) != MPI_SUCCESS || !here)
        return;
      int bytes = 0;
      MPI_Get_count(&status, MPI_BYTE, &bytes);
      std::string words(static_cast<std::size_t>(bytes), ' ');
      MPI_Recv(
          words.data(), bytes, MPI_BYTE, status.MPI_SOURCE, 0, news_, MPI_STATUS_IGNORE);
      if (words.front() == 'd') {
        bury(std::atoi(words.c_str() + 1));
        continue;
      }
      const auto from = static_cast<std::size_t>(status.MPI_SOURCE);
      spoken_[from] = true;
      if (words.front() == 'l') left_[from] = true;
      // (Who was only taken for dead, and gives up when it notices, ends nobody else.)
      if (words.front() != 'f' || culprit_ >= 0 || dead_[from]) continue;
      culprit_ = status.MPI_SOURCE;
      cause_ = words.substr(1);
    }
  }

  double limit_;
  MPI_Comm data_ = MPI_COMM_NULL, news_ = MPI_COMM_NULL;
  int rank_ = 0, size_ = 1;
  Requests requests_;
  std::map<Ticket, int> peers_;  // of receives
  bool failed_ = false;          // the run cannot end in the ordinary way
  bool deaths_ = false;          // some go on without a rank
  int culprit_ = -1;
  std::string cause_;
  bool spoke_ = false;  // this rank has told how it ends
  std::vector<bool> left_, spoken_, dead_;
  std::list<std::string> tellings_;
  std::vector<MPI_Request> telling_;
};

}  // namespace
}  // namespace femto::exchange

/// What the library looks for; the caller owns the pointer that it gets.
extern "C" std::shared_ptr<femto::exchange::Transport>* femto_open_mpi(double limit) {
  return new std::shared_ptr<femto::exchange::Transport>(
      std::make_shared<femto::exchange::MpiTransport>(limit));
}
