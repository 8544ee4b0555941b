#include "femto/exchange/hub.h"

#include <algorithm>
#include <thread>

namespace femto::exchange {

using State = Arrival::State;

Hub::Hub(const ThreadGroup& group)
    : group_(group), ranks_(static_cast<std::size_t>(group.ranks)) {}

double Hub::real_seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

double Hub::transfer_seconds(std::size_t bytes) const {
  return group_.latency + group_.seconds_per_byte * static_cast<double>(bytes);
}

double Hub::seconds(int rank) {
  if (!group_.simulated) return real_seconds();
  const Lock lock(mutex_);
  return ranks_[static_cast<std::size_t>(rank)].clock;
}

/// Simulated: wakes the rank that wants its turn earliest; among equals the lowest.
void Hub::give_turn() {
  int best = -1;
  for (int r = 0; r < size(); ++r) {
    const auto& candidate = ranks_[static_cast<std::size_t>(r)];
    if (candidate.runs &&
        (best < 0 || candidate.next < ranks_[static_cast<std::size_t>(best)].next))
      best = r;
  }
  turn_ = best;
  if (best >= 0) ranks_[static_cast<std::size_t>(best)].wake.notify_one();
}

/// Returns at `time`, or earlier when somebody has news for this rank.
void Hub::sleep_until(Lock& lock, int rank, double time) {
  auto& me = ranks_[static_cast<std::size_t>(rank)];
  if (!group_.simulated) {
    const auto rest = std::chrono::duration<double>(time - real_seconds());
    me.wake.wait_for(lock, std::min(rest, std::chrono::duration<double>(1e6)));
    return;
  }
  me.next = time;
  give_turn();
  me.wake.wait(lock, [&] { return turn_ == rank; });
  me.clock = std::max(me.clock, me.next);
}

void Hub::pass(int rank, double s) {
  Lock lock(mutex_);
  if (group_.simulated) {
    auto& me = ranks_[static_cast<std::size_t>(rank)];
    const double until = me.clock + s;
    while (me.clock < until) sleep_until(lock, rank, until);
    return;
  }
  lock.unlock();
  std::this_thread::sleep_for(std::chrono::duration<double>(s));
}

void Hub::deliver(int rank, int to, int tag, Bytes data) {
  const Lock lock(mutex_);
  auto& me = ranks_[static_cast<std::size_t>(rank)];
  auto& target = ranks_[static_cast<std::size_t>(to)];
  const double start = std::max(me.clock, me.link_free);
  me.link_free = start + group_.seconds_per_byte * static_cast<double>(data.size());
  const double arrival = me.link_free + group_.latency;
  target.mail[{rank, tag}].push_back({{data.begin(), data.end()}, arrival});
  // A rank that waits wants its turn now; one that computes has set a later time already
  // and goes on sleeping in pass().
  if (group_.simulated)
    target.next = std::max(target.clock, std::min(target.next, arrival));
  else
    target.wake.notify_one();
}

Arrival Hub::take(int rank, int from, int tag, Room out, double deadline) {
  Lock lock(mutex_);
  auto& me = ranks_[static_cast<std::size_t>(rank)];
  for (;;) {
    auto& box = me.mail[{from, tag}];
    const double now = group_.simulated ? me.clock : real_seconds();
    const bool here = !box.empty() && (!group_.simulated || box.front().arrival <= now);
    if (here) {
      const auto message = std::move(box.front());
      box.pop_front();
      if (message.data.size() > out.size()) return {State::too_long, message.data.size()};
      std::copy(message.data.begin(), message.data.end(), out.begin());
      return {State::done, message.data.size()};
    }
    if (box.empty())
      if (const auto state = trouble(from); state != State::done)
        return told(state, from);
    if (now >= deadline) return {};
    sleep_until(
        lock, rank, box.empty() ? deadline : std::min(deadline, box.front().arrival));
  }
}

State Hub::trouble(int peer) const {
  if (culprit_ >= 0) return State::abandoned;
  return ranks_[static_cast<std::size_t>(peer)].left ? State::peer_left : State::done;
}

Arrival Hub::told(State state, int peer) const {
  const bool given_up = state == State::abandoned;
  return {state, 0, given_up ? culprit_ : peer, given_up ? cause_ : std::string()};
}

Arrival Hub::health(int peer) {
  const Lock lock(mutex_);
  return told(trouble(peer), peer);
}

void Hub::abandon(int rank, const std::string& cause) {
  const Lock lock(mutex_);
  if (culprit_ >= 0) return;
  culprit_ = rank;
  cause_ = cause;
  for (auto& r : ranks_) {
    r.next =
        std::min(r.next, std::max(r.clock, ranks_[static_cast<std::size_t>(rank)].clock));
    if (!group_.simulated) r.wake.notify_one();
  }
}

void Hub::leave(int rank) {
  const Lock lock(mutex_);
  auto& me = ranks_[static_cast<std::size_t>(rank)];
  me.left = true;
  for (auto& r : ranks_) {
    r.next = std::min(r.next, std::max(r.clock, me.clock));
    if (!group_.simulated) r.wake.notify_one();
  }
}

void Hub::begin(int rank) {
  if (!group_.simulated) return;
  Lock lock(mutex_);
  ranks_[static_cast<std::size_t>(rank)].wake.wait(lock, [&] { return turn_ == rank; });
}

void Hub::end(int rank) {
  const Lock lock(mutex_);
  ranks_[static_cast<std::size_t>(rank)].runs = false;
  if (group_.simulated) give_turn();
}

std::shared_ptr<Hub::Pages> Hub::pages(int rank,
                                       const std::vector<int>& members,
                                       int context,
                                       std::size_t slots,
                                       std::size_t bytes) {
  const Lock lock(mutex_);
  const std::pair group{members.front(), context};
  const int count = ranks_[static_cast<std::size_t>(rank)].windows[group]++;
  auto& found = pages_[{group.first, group.second, count}];
  if (!found) {
    found = std::make_shared<Pages>();
    found->of.assign(members.size(), {slots, {std::vector<std::byte>(bytes), {}}});
  }
  return found;
}

}  // namespace femto::exchange
