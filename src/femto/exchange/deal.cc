#include "femto/exchange/deal.h"

#include <algorithm>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "femto/core/interrupt.h"
#include "femto/core/threads.h"
#include "femto/exchange/parcel.h"

namespace femto::exchange {
namespace {

constexpr int up = 30, down = 31;  // tags, to and from rank 0
constexpr auto tasks = "items of work";
constexpr double look_again = 0.001;  // seconds

// To rank 0: ready for more, still at work, words about an item, its result.
// From rank 0: still nothing to do, an item, begin with these, the deal is over.
enum Kind : std::uint64_t { ready, alive, words, result, nothing, item, begin, over };

/// Parcels that threads have for the one that may send.
class Outbox {
 public:
  void put(Parcel parcel) {
    const std::lock_guard lock(mutex_);
    parcels_.push_back(std::move(parcel));
  }

  std::deque<Parcel> empty() {
    const std::lock_guard lock(mutex_);
    return std::exchange(parcels_, {});
  }

 private:
  std::mutex mutex_;
  std::deque<Parcel> parcels_;
};

/// Works on items, on threads of its own, while `meanwhile` is called now and then.
void work_on(const Deal& deal,
             const std::vector<Parcel>& items,
             Outbox& out,
             const std::function<void()>& meanwhile) {
  auto done = std::async(std::launch::async, [&] {
    parallel_for(items.size(), [&](std::size_t i) {
      const auto of = items[i].item;
      const auto say = [&out, of](std::string said) {
        out.put({words, of, std::move(said)});
      };
      out.put({result, of, deal.work(of, items[i].bytes, say)});
    });
  });
  const std::chrono::duration<double> pause(look_again);
  std::exception_ptr failure;
  std::optional<StopRequest> stop;
  while (done.wait_for(pause) != std::future_status::ready) {
    if (failure) continue;
    try {
      meanwhile();
    } catch (...) {
      // The work cannot be broken off: it is asked to stop, and waited for.
      failure = std::current_exception();
      stop.emplace();
    }
  }
  if (failure) std::rethrow_exception(failure);
  done.get();
}

/// Any rank but 0.
class Worker {
 public:
  Worker(Communicator& group, const Deal& deal)
      : group_(group), deal_(deal), box_(group, 0, down, tasks), told_(group.seconds()) {}

  void run() {
    for (;;) {
      send({ready, 0, {}});
      std::vector<Parcel> mine;
      Parcel p;
      do {
        p = box_.wait();
        if (p.kind == item) mine.push_back(p);
      } while (p.kind == nothing || p.kind == item);
      if (p.kind == over) return;
      try {
        work_on(deal_, mine, out_, [&] { tell(); });
      } catch (const Interrupted&) {
        send_rest();
        throw;
      }
      send_rest();
    }
  }

 private:
  void send(const Parcel& p) {
    send_parcel(group_, 0, up, p, tasks);
    told_ = group_.seconds();
  }

  void send_rest() {
    for (auto& p : out_.empty()) send(p);
  }

  void tell() {
    group_.check(0, "deal", tasks);
    send_rest();
    if (group_.seconds() - told_ > std::min(1.0, group_.limit() / 10))
      send({alive, 0, {}});
  }

  Communicator& group_;
  const Deal& deal_;
  Mailbox box_;
  Outbox out_;
  double told_;
};

/// Rank 0: gives out items, and works on some itself.
class Dealer {
 public:
  Dealer(Communicator& group, const Deal& deal) : group_(group), deal_(deal) {
    for (std::size_t i = 0; i < deal.items; ++i) waiting_.push_back(i);
    for (int r = 1; r < group.size(); ++r) {
      others_.push_back(std::make_unique<Other>(group, r));
      others_.back()->heard = others_.back()->told = group.seconds();
    }
  }

  std::vector<int> run() {
    while (done_ < deal_.items) {
      const auto mine = next();
      if (mine.empty())
        group_.pass(look_again);
      else
        work(mine);
      serve();
    }
    for (auto& other : others_) {
      if (other->lost) continue;
      // Once told, it may be ready for the next deal, whose mailbox must hear that.
      other->box.hush();
      send_parcel(group_, other->rank, down, {over, 0, {}}, tasks);
    }
    return lost_;
  }

 private:
  struct Other {
    Other(Communicator& group, int r) : rank(r), box(group, r, up, tasks) {}

    int rank;
    Mailbox box;
    bool idle = false, lost = false;
    double heard = 0, told = 0;
    std::vector<std::size_t> items;  // that it works on
  };

  void work(const std::vector<Parcel>& mine) {
    try {
      work_on(deal_, mine, out_, [&] { serve(); });
    } catch (const Interrupted&) {
      for (auto& last : out_.empty()) receive(last);
      throw;
    }
  }

  std::vector<Parcel> next() {
    std::vector<Parcel> out;
    while (!waiting_.empty() && out.size() < std::max<std::size_t>(1, deal_.at_once)) {
      const auto i = waiting_.front();
      waiting_.pop_front();
      out.push_back({item, i, deal_.brief ? deal_.brief(i) : std::string()});
    }
    return out;
  }

  void serve() {
    if (interrupt_signal()) throw Interrupted(interrupt_signal());
    for (auto& p : out_.empty()) receive(p);
    for (auto& other : others_)
      if (!other->lost) listen(*other);
  }

  void listen(Other& other) {
    try {
      Parcel p;
      while (other.box.look(p)) {
        other.heard = group_.seconds();
        if (p.kind == ready) other.idle = true;
        if (p.kind == result) std::erase(other.items, p.item);
        receive(p);
      }
      group_.check(other.rank, "deal", tasks);
      if (group_.seconds() - other.heard > group_.limit() && !other.idle)
        return lose(other);
      answer(other);
    } catch (const ExchangeError& error) {
      // A rank that gave up ends all; one that is not there any more does not.
      if (error.cause() == Cause::abandoned) throw;
      lose(other);
    }
  }

  void answer(Other& other) {
    if (!other.idle) return;
    const auto items = next();
    const bool speak = group_.seconds() - other.told > std::min(1.0, group_.limit() / 10);
    if (items.empty() && !speak) return;
    other.told = other.heard = group_.seconds();
    if (items.empty())
      return send_parcel(group_, other.rank, down, {nothing, 0, {}}, tasks);
    other.idle = false;
    for (const auto& p : items) {
      other.items.push_back(p.item);
      send_parcel(group_, other.rank, down, p, tasks);
    }
    send_parcel(group_, other.rank, down, {begin, 0, {}}, tasks);
  }

  void lose(Other& other) {
    other.lost = true;
    lost_.push_back(other.rank);
    group_.forget(other.rank);
    for (const auto i : other.items) waiting_.push_front(i);
    other.items.clear();
  }

  void receive(Parcel& p) {
    if (p.kind == words && deal_.hear) deal_.hear(p.item, std::move(p.bytes));
    if (p.kind != result) return;
    ++done_;
    deal_.take(p.item, std::move(p.bytes));
  }

  Communicator& group_;
  const Deal& deal_;
  std::deque<std::size_t> waiting_;
  std::vector<std::unique_ptr<Other>> others_;
  Outbox out_;
  std::size_t done_ = 0;
  std::vector<int> lost_;
};

/// Without others: no messages, no second thread.
void work_off(const Deal& deal) {
  std::mutex mutex;
  parallel_for(deal.items, [&](std::size_t i) {
    std::unique_lock lock(mutex);
    const auto brief = deal.brief ? deal.brief(i) : std::string();
    lock.unlock();
    auto found = deal.work(i, brief, [&](std::string said) {
      const std::lock_guard hearing(mutex);
      if (deal.hear) deal.hear(i, std::move(said));
    });
    lock.lock();
    deal.take(i, std::move(found));
  });
}

}  // namespace

std::vector<int> deal_out(Communicator& group, const Deal& deal) {
  if (group.size() == 1) return work_off(deal), std::vector<int>();
  if (group.rank() != 0) {
    Worker(group, deal).run();
    return {};
  }
  try {
    return Dealer(group, deal).run();
  } catch (const ExchangeError& error) {
    // Another rank was asked to stop.
    if (error.code() == Exit::terminated || error.code() == Exit::interrupted)
      throw Interrupted(error.code());
    throw;
  }
}

}  // namespace femto::exchange
