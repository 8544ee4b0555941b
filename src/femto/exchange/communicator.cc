#include "femto/exchange/communicator.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "femto/exchange/collectives.h"

namespace femto::exchange {
namespace {

constexpr int tags = 8192;           // of one context
constexpr double look_again = 2e-4;  // seconds between looks at a stale slot, at least

constexpr auto uneven =
    "do all ranks take the same number of steps, with networks of the same size?";
constexpr auto silent =
    "look at the messages of that rank; is it alive, and does it have as many batches as "
    "the others? A slower machine may need a longer time limit";

}  // namespace

Traffic Traffic::operator-(const Traffic& earlier) const {
  return {messages - earlier.messages,
          bytes - earlier.bytes,
          waits - earlier.waits,
          seconds_waited - earlier.seconds_waited};
}

Transfer::Transfer(Transfer&& other) noexcept {
  *this = std::move(other);
}

Transfer& Transfer::operator=(Transfer&& other) noexcept {
  if (this == &other) return *this;
  if (group_) group_->transport_->cancel(ticket_);
  group_ = std::exchange(other.group_, nullptr);
  ticket_ = other.ticket_;
  peer_ = other.peer_;
  receives_ = other.receives_;
  expected_ = other.expected_;
  operation_ = other.operation_;
  what_ = std::move(other.what_);
  return *this;
}

Transfer::~Transfer() {
  if (group_) group_->transport_->cancel(ticket_);
}

bool Transfer::done() {
  return look_until(0, 0);
}

bool Transfer::done_within(double seconds) {
  if (done()) return true;
  auto& group = *group_;
  const double from = group.seconds();
  ++group.traffic_->waits;
  const bool over = look_until(from + seconds, from);
  group.traffic_->seconds_waited += group.seconds() - from;
  return over;
}

void Transfer::wait() {
  if (!group_) return;
  auto& group = *group_;
  const double limit = group.limit();
  if (done_within(limit)) return;
  group.transport_->cancel(ticket_);
  group_ = nullptr;
  group.judge({}, *this, limit);
}

bool Transfer::look_until(double deadline, double from) {
  if (!group_) return true;
  auto& group = *group_;
  const auto arrival = group.transport_->wait(ticket_, deadline);
  if (arrival.state == Arrival::State::pending) return false;
  group_ = nullptr;
  group.judge(arrival, *this, deadline > 0 ? group.seconds() - from : 0);
  return true;
}

Communicator::Communicator(std::shared_ptr<Transport> transport, double limit_seconds)
    : transport_(std::move(transport)),
      traffic_(std::make_shared<Traffic>()),
      contexts_(std::make_shared<int>(0)),
      members_(static_cast<std::size_t>(transport_->size())),
      rank_(transport_->rank()),
      limit_(limit_seconds) {
  std::iota(members_.begin(), members_.end(), 0);
}

int Communicator::wire_tag(int tag) const {
  expect(tag >= 0 && tag < tags, "a tag outside 0 to 8191");
  return context_ * tags + tag;
}

Transfer Communicator::start_send(
    int to, int tag, Bytes data, std::string_view what, const char* operation) {
  Transfer out;
  out.peer_ = to;
  out.operation_ = operation;
  out.what_ = what;
  out.ticket_ = transport_->send(world(to), wire_tag(tag), data);
  out.group_ = this;
  ++traffic_->messages;
  traffic_->bytes += data.size();
  return out;
}

Transfer Communicator::start_receive(
    int from, int tag, Room out, std::string_view what, const char* operation) {
  Transfer t;
  t.peer_ = from;
  t.operation_ = operation;
  t.receives_ = true;
  t.what_ = what;
  t.expected_ = out.size();
  t.ticket_ = transport_->receive(world(from), wire_tag(tag), out);
  t.group_ = this;
  return t;
}

void Communicator::judge(const Arrival& arrival, const Transfer& t, double waited) const {
  using State = Arrival::State;
  const auto give_up = [&](Cause cause, const std::string& words, const char* hint) {
    fail(t.peer_, t.operation_, t.what_, waited, cause, words, hint);
  };
  switch (arrival.state) {
    case State::done:
      if (t.receives_ && arrival.bytes != t.expected_)
        give_up(Cause::mismatch,
                fmt::format(
                    "{} bytes came where {} were expected", arrival.bytes, t.expected_),
                uneven);
      return;
    case State::too_long:
      give_up(Cause::mismatch,
              fmt::format("more than the expected {} bytes came", t.expected_),
              uneven);
      return;
    case State::peer_left:
      give_up(Cause::left, "that rank has ended", uneven);
      return;
    case State::abandoned:
      fail(t.peer_,
           t.operation_,
           t.what_,
           waited,
           Cause::abandoned,
           fmt::format("rank {} gave up: {}", arrival.culprit, arrival.cause.substr(1)),
           "put right what that rank reports",
           static_cast<Exit>(static_cast<unsigned char>(arrival.cause.front())));
    case State::pending:
      give_up(Cause::silent, "no answer within the limit", silent);
      return;
  }
}

void Communicator::fail(int peer,
                        const char* operation,
                        std::string_view what,
                        double seconds,
                        Cause cause,
                        const std::string& words,
                        const std::string& hint,
                        Exit code) const {
  throw ExchangeError({world(rank_),
                       peer < 0 ? peer : world(peer),
                       operation,
                       std::string(what),
                       seconds},
                      cause,
                      words,
                      hint,
                      code);
}

void Communicator::abandon(const std::string& cause, Exit code) {
  transport_->abandon(static_cast<char>(code) + cause);
}

void Communicator::check(int peer, const char* operation, std::string_view what) {
  const auto health = transport_->health(world(peer));
  if (health.state == Arrival::State::done) return;
  Transfer asked;
  asked.peer_ = peer;
  asked.operation_ = operation;
  asked.what_ = what;
  judge(health, asked, 0);
}

Communicator Communicator::split(int colour) {
  // Ranks that share a group must agree on a context that none of them has used.
  std::vector<double> mine{static_cast<double>(colour), static_cast<double>(*contexts_)};
  std::vector<double> all(2 * members_.size());
  allgather<double>(*this, mine, all, "split");
  Communicator out(*this);
  out.members_.clear();
  double highest = 0;
  for (int r = 0; r < size(); ++r) {
    const auto at = 2 * static_cast<std::size_t>(r);
    highest = std::max(highest, all[at + 1]);
    if (all[at] != static_cast<double>(colour)) continue;
    if (r == rank_) out.rank_ = static_cast<int>(out.members_.size());
    out.members_.push_back(world(r));
  }
  *contexts_ = static_cast<int>(highest) + 1;
  out.context_ = *contexts_;
  return out;
}

Communicator Communicator::without(const std::vector<int>& dead) const {
  Communicator out(*this);
  out.members_.clear();
  for (int r = 0; r < size(); ++r) {
    if (std::ranges::find(dead, world(r)) != dead.end()) {
      transport_->forget(world(r));
      continue;
    }
    if (r == rank_) out.rank_ = static_cast<int>(out.members_.size());
    out.members_.push_back(world(r));
  }
  // Whatever the dead had sent has another context.
  out.context_ = ++*contexts_;
  return out;
}

Board::Board(Communicator& group, std::size_t slots, std::size_t size, std::string what)
    : group_(group), what_(std::move(what)) {
  // Opening waits without a limit in MPI: make sure first that everybody is here.
  barrier(group, what_);
  window_ = group.transport_->open_window(
      group.members_, group.context_, slots, size * sizeof(float));
}

void Board::put(std::size_t slot, std::uint64_t stamp, std::span<const float> numbers) {
  window_->put(slot, stamp, std::as_bytes(numbers));
}

Window::Look Board::get(int from, std::size_t slot, std::span<float> out) {
  ++group_.traffic_->messages;
  group_.traffic_->bytes += out.size_bytes();
  return window_->get(from, slot, std::as_writable_bytes(out));
}

std::uint64_t Board::get_fresh(int from,
                               std::size_t slot,
                               std::uint64_t oldest,
                               std::span<float> out) {
  auto seen = get(from, slot, out);
  if (seen.found && seen.stamp >= oldest) return seen.stamp;
  const double start = group_.seconds();
  ++group_.traffic_->waits;
  Transfer wait;
  wait.peer_ = from;
  wait.operation_ = "window get";
  wait.what_ = what_;
  while (!seen.found || seen.stamp < oldest) {
    // First whether the peer is well, then whether it has put something: what it put
    // before it left counts.
    const auto health = group_.transport_->health(group_.world(from));
    seen = window_->get(from, slot, std::as_writable_bytes(out));
    if (seen.found && seen.stamp >= oldest) break;
    const double waited = group_.seconds() - start;
    group_.judge(health, wait, waited);
    if (waited > group_.limit())
      group_.fail(from,
                  wait.operation_,
                  what_,
                  waited,
                  Cause::silent,
                  seen.found ? fmt::format("its newest numbers are of step {}, those of "
                                           "step {} are needed",
                                           seen.stamp,
                                           oldest)
                             : "it has not put anything there",
                  silent);
    group_.pass(std::max(look_again, waited / 50));
  }
  group_.traffic_->seconds_waited += group_.seconds() - start;
  return seen.stamp;
}

}  // namespace femto::exchange
