#include "femto/exchange/threads.h"

#include <algorithm>
#include <mutex>
#include <thread>

#include "femto/exchange/hub.h"

namespace femto::exchange {
namespace {

class ThreadWindow final : public Window {
 public:
  ThreadWindow(Hub& hub, int rank, std::size_t member, std::shared_ptr<Hub::Pages> pages)
      : hub_(hub), rank_(rank), member_(member), pages_(std::move(pages)) {}

  void put(std::size_t slot, std::uint64_t stamp, Bytes data) override {
    const std::lock_guard lock(pages_->mutex);
    auto& s = pages_->of[member_].at(slot);
    std::copy(data.begin(), data.end(), s.data.begin());
    s.look = {true, stamp};
  }

  Look get(int member, std::size_t slot, Room out) override {
    if (const double cost = hub_.transfer_seconds(out.size()); cost > 0)
      hub_.pass(rank_, cost);
    const std::lock_guard lock(pages_->mutex);
    const auto& s = pages_->of[static_cast<std::size_t>(member)].at(slot);
    if (s.look.found) std::copy_n(s.data.begin(), out.size(), out.begin());
    return s.look;
  }

 private:
  Hub& hub_;
  int rank_;
  std::size_t member_;
  std::shared_ptr<Hub::Pages> pages_;
};

/// Sends are copied and done at once; a receive looks into the mail when it is waited
/// for.
class ThreadTransport final : public Transport {
 public:
  ThreadTransport(Hub& hub, int rank) : hub_(hub), rank_(rank) {}

  int rank() const override { return rank_; }

  int size() const override { return hub_.size(); }

  double seconds() override { return hub_.seconds(rank_); }

  void pass(double s) override { hub_.pass(rank_, s); }

  Ticket send(int to, int tag, Bytes data) override {
    hub_.deliver(rank_, to, tag, data);
    return 0;
  }

  Ticket receive(int from, int tag, Room out) override {
    waiting_.emplace(++last_, Waiting{from, tag, out});
    return last_;
  }

  Arrival wait(Ticket ticket, double deadline) override {
    const auto found = waiting_.find(ticket);
    if (found == waiting_.end()) return {Arrival::State::done};
    const auto& [from, tag, out] = found->second;
    auto arrival = hub_.take(rank_, from, tag, out, deadline);
    if (arrival.state != Arrival::State::pending) waiting_.erase(found);
    return arrival;
  }

  Arrival health(int peer) override { return hub_.health(peer); }

  void cancel(Ticket ticket) override { waiting_.erase(ticket); }

  std::unique_ptr<Window> open_window(const std::vector<int>& members,
                                      int context,
                                      std::size_t slots,
                                      std::size_t bytes) override {
    const auto me = std::find(members.begin(), members.end(), rank_) - members.begin();
    return std::make_unique<ThreadWindow>(
        hub_,
        rank_,
        static_cast<std::size_t>(me),
        hub_.pages(rank_, members, context, slots, bytes));
  }

  void abandon(const std::string& cause) override { hub_.abandon(rank_, cause); }

  void forget(int) override {}

  void leave() override { hub_.leave(rank_); }

 private:
  struct Waiting {
    int from, tag;
    Room out;
  };

  Hub& hub_;
  int rank_;
  Ticket last_ = 0;
  std::map<Ticket, Waiting> waiting_;
};

void run_rank(Hub& hub,
              int rank,
              double limit,
              const std::function<void(Communicator&)>& body,
              std::exception_ptr& outcome) {
  hub.begin(rank);
  try {
    Communicator group(std::make_shared<ThreadTransport>(hub, rank), limit);
    try {
      body(group);
      group.leave();
    } catch (const std::exception& error) {
      group.abandon(error.what());
      throw;
    }
  } catch (...) {
    outcome = std::current_exception();
  }
  hub.end(rank);
}

bool was_told(const std::exception_ptr& outcome) {
  try {
    std::rethrow_exception(outcome);
  } catch (const ExchangeError&) {
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace

std::vector<std::exception_ptr> outcomes_of_ranks(
    const ThreadGroup& group, const std::function<void(Communicator&)>& body) {
  Hub hub(group);
  std::vector<std::exception_ptr> outcomes(static_cast<std::size_t>(group.ranks));
  {
    std::vector<std::jthread> threads;
    for (int r = 0; r < group.ranks; ++r)
      threads.emplace_back([&, r] {
        run_rank(hub, r, group.limit, body, outcomes[static_cast<std::size_t>(r)]);
      });
  }
  return outcomes;
}

void run_as_ranks(const ThreadGroup& group,
                  const std::function<void(Communicator&)>& body) {
  const auto outcomes = outcomes_of_ranks(group, body);
  const std::exception_ptr* first = nullptr;
  for (const auto& outcome : outcomes)
    if (outcome && (!first || (was_told(*first) && !was_told(outcome)))) first = &outcome;
  if (first) std::rethrow_exception(*first);
}

}  // namespace femto::exchange
