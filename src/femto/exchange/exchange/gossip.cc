// Pairs of ranks, another random matching in every round, average their weights.
#include <algorithm>
#include <numeric>
#include <optional>

#include "femto/config/registry.h"
#include "femto/core/random.h"
#include "femto/exchange/member.h"

namespace femto {
namespace {

using exchange::Cause;
using exchange::Communicator;
using exchange::ends_round;
using exchange::ExchangeError;
using exchange::Member;
using exchange::Part;
using exchange::Range;
using exchange::Replica;
using exchange::Report;
using exchange::Terms;
using exchange::Transfer;

// Every round has a tag of its own, so that numbers which came too late are not taken for
// those of a later meeting.
constexpr int first_tag = 100, tags = 1000, note_tag = 99;

class Gossiping final : public Replica {
 public:
  struct Rules {
    std::uint64_t every, seed;
    double patience;
  };

  Gossiping(Communicator& group, std::vector<Part> parts, Rules rules)
      : me_(group, std::move(parts)),
        rules_(rules),
        in_(me_.layout.size()),
        awaited_(static_cast<std::size_t>(group.size())) {}

  void begin(std::span<float> weights) override { me_.take_weights_of_first(weights); }

  void weights(std::uint64_t step, std::span<float> weights) override {
    ++me_.report.steps;
    if (!ends_round(step, rules_.every)) return;
    const auto round = step / rules_.every;
    const int partner = partner_in(round);
    const auto& lost = me_.report.lost;
    if (partner < 0 || std::find(lost.begin(), lost.end(), partner) != lost.end()) return;
    me_.check(weights);
    if (!swap_with(partner, first_tag + static_cast<int>(round % tags), weights)) return;
    me_.report.staleness.add(0);
    for (std::size_t i = 0; i < weights.size(); ++i)
      weights[i] = (weights[i] + in_[i]) / 2;
  }

  Range owned() const override { return me_.all(); }

  Report report() const override { return me_.books(); }

  bool heard(int rank) override { return drain_notes(rank); }

 private:
  /// Every rank draws the same random order of all; first and second meet, and so on.
  int partner_in(std::uint64_t round) const {
    const auto stream = random::Stream::named(rules_.seed, "gossip", 0, round);
    std::vector<int> order(static_cast<std::size_t>(me_.group.size()));
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t i = order.size(); i > 1; --i) {
      const double u = random::uniform(stream, i);
      std::swap(order[i - 1],
                order[static_cast<std::size_t>(u * static_cast<double>(i))]);
    }
    const auto at = static_cast<std::size_t>(
        std::find(order.begin(), order.end(), me_.group.rank()) - order.begin());
    const std::size_t other = at ^ 1U;
    return other < order.size() ? order[other] : -1;
  }

  /// The partner's weights into in_; false if it does not answer, and then for good.
  bool swap_with(int partner, int tag, std::span<const float> weights) {
    auto& group = me_.group;
    std::vector<float> out(weights.begin(), weights.end());
    try {
      auto in = group.receive<float>(partner, tag, in_, me_.weights, "gossip");
      auto sent = group.send<float>(partner, tag, out, me_.weights, "gossip");
      // (A partner that dies half-way has sent its numbers but never takes ours.)
      if (came(in, partner) && (sent.done() || came(sent, partner))) return true;
    } catch (const ExchangeError& error) {
      if (error.cause() != Cause::left) throw;
    }
    // The partner may yet read what was sent: these numbers must stay.
    unread_.push_back(std::move(out));
    ++me_.report.staleness.missing;
    me_.report.lost.push_back(partner);
    group.forget(partner);
    return false;
  }

  /// Waits until the partner has been silent for `patience`. A partner that is held up by
  /// a dead rank is not silent: who waits tells so to all.
  bool came(Transfer& transfer, int partner) {
    drain_notes(partner);
    constexpr int looks = 4;
    for (int silent = 0; silent < looks;) {
      if (transfer.done_within(rules_.patience / looks)) return true;
      for (int r = 0; r < me_.group.size(); ++r)
        if (r != me_.group.rank())
          notes_.push_back(me_.group.send<std::byte>(r, note_tag, {}, "note", "gossip"));
      silent = drain_notes(partner) ? 0 : silent + 1;
    }
    return false;
  }

  /// Whether there were notes of this rank.
  bool drain_notes(int from) {
    auto& awaited = awaited_[static_cast<std::size_t>(from)];
    bool any = false;
    for (;; any = true) {
      if (!awaited)
        awaited = me_.group.receive<std::byte>(from, note_tag, {}, "note", "gossip");
      if (!awaited->done()) return any;
      awaited.reset();
    }
  }

  Member me_;
  Rules rules_;
  std::vector<float> in_;
  std::vector<std::optional<Transfer>> awaited_;  // notes, by rank
  std::vector<Transfer> notes_;
  std::vector<std::vector<float>> unread_;
};

class Gossip final : public Exchange {
 public:
  struct Config {
    std::uint64_t every = 1;
    double patience = 10;
    std::uint64_t seed = 1;

    static constexpr auto fields() {
      return std::tuple{
          config::field<&Config::every>(
              {.doc = "steps between meetings of pairs", .rule = config::positive}),
          config::field<&Config::patience>(
              {.doc =
                   "how long a rank waits for a partner that gives no sign before it goes "
                   "on without it for good",
               .unit = "s",
               .rule = config::positive}),
          config::field<&Config::seed>(
              {.doc = "key of the pairs; not the study's seed"})};
    }
  };

  explicit Gossip(Config config) : config_(config) {}

  Terms terms(int) const override {
    return {.averages = Terms::Averages::weights,
            .staleness = std::nullopt,
            .identical_every = 0,
            .survives_death = true};
  }

  std::unique_ptr<Replica> join(Communicator& group,
                                std::vector<Part> parts) const override {
    return std::make_unique<Gossiping>(
        group,
        std::move(parts),
        Gossiping::Rules{config_.every, config_.seed, config_.patience});
  }

 private:
  Config config_;
};

}  // namespace

void register_exchange_gossip(Registry& r) {
  r.add<Exchange, Gossip>({
      .name = "gossip",
      .summary = "Random pairs of ranks average their weights; a dead rank is left out.",
      .source = "Boyd:2006, Lian:2018",
  });
}

}  // namespace femto
