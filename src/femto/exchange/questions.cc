#include "femto/exchange/questions.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "femto/core/interrupt.h"
#include "femto/exchange/parcel.h"

namespace femto::exchange {
namespace {

constexpr int up = 32, down = 33;  // tags, to and from rank 0
constexpr auto questions = "questions";
constexpr double idle = 0.01;      // seconds between looks when nobody waits
constexpr double eager = 0.00002;  // and when somebody does

// To rank 0: still at work, an answer. From rank 0: still at work, a question, the end.
enum Kind : std::uint64_t { alive, answer, question, over };

/// How often a rank says that it is alive.
double period_of(const Communicator& group) {
  return std::min(1.0, group.limit() / 10);
}

/// A question under way.
struct Open {
  std::promise<Others::Answers> promise;
  Others::Answers answers;
  int first = 1;  // rank of the first answer
  std::size_t missing = 0;
  std::string words;
};

/// Nobody to ask.
class Nobody final : public Others {
 public:
  int count() const override { return 0; }

  std::future<Answers> ask(std::string) override {
    std::promise<Answers> none;
    none.set_value({});
    return none.get_future();
  }

  std::future<Answers> ask_one(int, std::string) override { return ask({}); }
};

/// Rank 0's end: questions are put by any thread, and carried by the one that runs.
class Carrier final : public Others {
 public:
  explicit Carrier(Communicator& group) : group_(group) {
    for (int r = 1; r < group.size(); ++r)
      peers_.push_back({std::make_unique<Mailbox>(group, r, up, questions),
                        group.seconds(),
                        group.seconds(),
                        0});
  }

  int count() const override { return static_cast<int>(peers_.size()); }

  std::future<Answers> ask(std::string words) override {
    return put({{}, Answers(peers_.size()), 1, peers_.size(), std::move(words)});
  }

  std::future<Answers> ask_one(int rank, std::string words) override {
    return put({{}, Answers(1), rank, 1, std::move(words)});
  }

  void run(const std::function<void(Others&)>& work) {
    auto done = std::async(std::launch::async, [&] { work(*this); });
    const auto working = [&] {
      return done.wait_for(std::chrono::seconds(0)) != std::future_status::ready;
    };
    std::optional<StopRequest> stop;
    try {
      while (working() || !open_.empty() || any_new()) carry();
    } catch (const ExchangeError& error) {
      // The work cannot be broken off: it is asked to stop, and waited for.
      stop.emplace();
      fail_all(std::current_exception());
      done.wait();
      if (error.code() == Exit::terminated || error.code() == Exit::interrupted)
        throw Interrupted(error.code());
      throw;
    }
    done.get();
    for (int r = 1; r < group_.size(); ++r)
      send_parcel(group_, r, down, {over, 0, {}}, questions);
  }

 private:
  struct Peer {
    std::unique_ptr<Mailbox> box;
    double heard = 0, told = 0;
    int owes = 0;  // answers
  };

  std::future<Answers> put(Open open) {
    auto future = open.promise.get_future();
    const std::lock_guard lock(mutex_);
    if (failure_)
      open.promise.set_exception(failure_);
    else
      new_.push_back(std::move(open));
    wake_.notify_one();
    return future;
  }

  bool any_new() {
    const std::lock_guard lock(mutex_);
    return !new_.empty();
  }

  void fail_all(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(failure);
    for (auto& open : new_) open.promise.set_exception(failure_);
    for (auto& [id, open] : open_) open.promise.set_exception(failure_);
    new_.clear();
    open_.clear();
  }

  void carry() {
    send_new();
    bool moved = false;
    for (int r = 1; r < group_.size(); ++r) moved = listen(r) || moved;
    if (moved) return;
    std::unique_lock lock(mutex_);
    const std::chrono::duration<double> pause(open_.empty() ? idle : eager);
    if (new_.empty()) wake_.wait_for(lock, pause);
  }

  void send_new() {
    std::deque<Open> fresh;
    {
      const std::lock_guard lock(mutex_);
      fresh = std::exchange(new_, {});
    }
    for (auto& one : fresh) {
      const auto id = next_++;
      const Open& open = open_.emplace(id, std::move(one)).first->second;
      for (std::size_t k = 0; k < open.answers.size(); ++k) {
        const int rank = open.first + static_cast<int>(k);
        Peer& peer = of(rank);
        if (peer.owes++ == 0) peer.heard = group_.seconds();
        peer.told = group_.seconds();
        send_parcel(group_, rank, down, {question, id, open.words}, questions);
      }
    }
  }

  /// Whether something came.
  bool listen(int rank) {
    Peer& peer = of(rank);
    Parcel p;
    if (peer.box->look(p)) {
      peer.heard = group_.seconds();
      if (p.kind == answer) take(rank, p);
      return true;
    }
    const double now = group_.seconds();
    if (now - peer.told > period_of(group_)) {
      peer.told = now;
      group_.check(rank, "answer", questions);
      send_parcel(group_, rank, down, {alive, 0, {}}, questions);
    }
    if (peer.owes > 0 && now - peer.heard > group_.limit())
      group_.fail(rank,
                  "answer",
                  questions,
                  now - peer.heard,
                  Cause::silent,
                  "no answer within the limit",
                  "is that rank alive? Resume the run on the ranks that are left");
    return false;
  }

  void take(int rank, Parcel& p) {
    --of(rank).owes;
    const auto found = open_.find(p.item);
    expect(found != open_.end(), "an answer to a question");
    Open& open = found->second;
    open.answers[static_cast<std::size_t>(rank - open.first)] = std::move(p.bytes);
    if (--open.missing > 0) return;
    open.promise.set_value(std::move(open.answers));
    open_.erase(found);
  }

  Peer& of(int rank) { return peers_[static_cast<std::size_t>(rank - 1)]; }

  Communicator& group_;
  std::vector<Peer> peers_;
  std::map<std::uint64_t, Open> open_;  // of the carrying thread alone
  std::uint64_t next_ = 0;
  std::mutex mutex_;  // of what follows
  std::condition_variable wake_;
  std::deque<Open> new_;
  std::exception_ptr failure_;
};

}  // namespace

void lead(Communicator& group, const std::function<void(Others&)>& work) {
  if (group.size() > 1) return Carrier(group).run(work);
  Nobody nobody;
  work(nobody);
}

void follow(Communicator& group,
            const std::function<std::string(const std::string& question)>& reply_to) {
  Mailbox box(group, 0, down, questions);
  const std::chrono::duration<double> period(period_of(group));
  for (;;) {
    const Parcel p = box.wait();
    if (p.kind == over) return;
    if (interrupt_signal()) throw Interrupted(interrupt_signal());
    if (p.kind != question) continue;
    auto reply = std::async(std::launch::async, [&] { return reply_to(p.bytes); });
    while (reply.wait_for(period) != std::future_status::ready) {
      group.check(0, "answer", questions);
      send_parcel(group, 0, up, {alive, 0, {}}, questions);
    }
    send_parcel(group, 0, up, {answer, p.item, reply.get()}, questions);
  }
}

}  // namespace femto::exchange
