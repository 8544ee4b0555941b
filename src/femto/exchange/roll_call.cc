#include "femto/exchange/roll_call.h"

#include <algorithm>
#include <memory>

#include "femto/exchange/parcel.h"

namespace femto::exchange {
namespace {

constexpr int up = 32, down = 33;  // tags, to and from rank 0
constexpr auto what = "roll call";
constexpr double look_again = 5e-4;  // seconds

enum Kind : std::uint64_t { here, wait_on, gone, decided };

/// Since when a rank has given no sign.
class Silence {
 public:
  Silence(Communicator& group, const RollCall& call, int rank)
      : group_(group), call_(call), rank_(rank), since_(group.seconds()) {}

  void heard() { since_ = group_.seconds(); }

  bool too_long() {
    if (group_.seconds() - since_ < group_.limit()) return false;
    // (Asked no sooner: looking costs time, and one sign is as good as many.)
    if (call_.heard && call_.heard(group_.world(rank_))) heard();
    return group_.seconds() - since_ >= group_.limit();
  }

 private:
  Communicator& group_;
  const RollCall& call_;
  int rank_;
  double since_;
};

/// Any rank but 0.
Met report(Communicator& group, std::string_view mine, const RollCall& call) {
  send_parcel(group, 0, up, {here, 0, std::string(mine)}, what);
  Mailbox box(group, 0, down, what);
  Silence silence(group, call, 0);
  Met out;
  for (Parcel p;;) {
    if (!box.look(p)) {
      group.check(0, "meeting", what);
      if (silence.too_long())
        group.fail(0,
                   "meeting",
                   what,
                   group.limit(),
                   Cause::silent,
                   "no answer within the limit",
                   "look at the messages of that rank; without it nobody can go on");
      group.pass(look_again);
      continue;
    }
    silence.heard();
    if (p.kind == gone) out.lost.push_back(static_cast<int>(p.item));
    if (p.kind != decided) continue;
    out.decision = std::move(p.bytes);
    return out;
  }
}

/// Rank 0.
class Caller {
 public:
  Caller(Communicator& group, const RollCall& call) : group_(group), call_(call) {
    for (int r = 1; r < group.size(); ++r)
      others_.push_back(std::make_unique<Other>(group, call, r));
  }

  Met run(std::string_view mine) {
    Answers said(static_cast<std::size_t>(group_.size()));
    said[0] = mine;
    double told = group_.seconds();
    while (std::ranges::any_of(others_, [](const auto& o) { return o->awaited; })) {
      bool any = false;
      for (auto& o : others_)
        if (o->awaited) any = look(*o, said[static_cast<std::size_t>(o->rank)]) || any;
      if (group_.seconds() - told > std::min(1.0, group_.limit() / 10)) {
        told = group_.seconds();
        tell({wait_on, 0, {}});
      }
      if (!any) group_.pass(look_again);
    }
    for (const int rank : out_.lost) tell({gone, static_cast<std::uint64_t>(rank), {}});
    out_.decision = call_.decide(said);
    tell({decided, 0, out_.decision});
    return out_;
  }

 private:
  struct Other {
    Other(Communicator& group, const RollCall& call, int r)
        : rank(r), box(group, r, up, what), silence(group, call, r) {}

    int rank;
    Mailbox box;
    Silence silence;
    bool awaited = true, here = false;
  };

  /// Whether the rank has answered now, or never will.
  bool look(Other& other, std::optional<std::string>& said) {
    Parcel p;
    try {
      if (other.box.look(p)) {
        said = std::move(p.bytes);
        other.here = true;
        other.awaited = false;
        return true;
      }
      group_.check(other.rank, "meeting", what);
      if (!other.silence.too_long()) return false;
    } catch (const ExchangeError& error) {
      if (error.cause() != Cause::left) throw;
    }
    other.awaited = false;
    out_.lost.push_back(group_.world(other.rank));
    return true;
  }

  void tell(const Parcel& parcel) {
    for (auto& o : others_)
      if (o->here) send_parcel(group_, o->rank, down, parcel, what);
  }

  Communicator& group_;
  const RollCall& call_;
  std::vector<std::unique_ptr<Other>> others_;
  Met out_;
};

}  // namespace

Met call_roll(Communicator& group, std::string_view mine, const RollCall& call) {
  auto met =
      group.rank() == 0 ? Caller(group, call).run(mine) : report(group, mine, call);
  if (!met.lost.empty()) group = group.without(met.lost);
  return met;
}

}  // namespace femto::exchange
