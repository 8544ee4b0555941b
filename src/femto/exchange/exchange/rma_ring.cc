// The one-sided ring: ranks read their left neighbour's window when they like.
#include <algorithm>

#include "femto/config/registry.h"
#include "femto/exchange/member.h"

namespace femto {
namespace {

using exchange::Board;
using exchange::Communicator;
using exchange::ends_round;
using exchange::Member;
using exchange::Part;
using exchange::Range;
using exchange::Replica;
using exchange::Report;
using exchange::Terms;

class OneSided final : public Replica {
 public:
  OneSided(Communicator& group,
           std::vector<Part> parts,
           std::uint64_t reach,
           std::uint64_t staleness,
           std::uint64_t mix_every)
      : me_(group, std::move(parts)),
        staleness_(staleness),
        mix_every_(mix_every),
        reach_(reach_of(reach, group.size())),
        left_((group.rank() + group.size() - 1) % group.size()),
        board_(group, reach_ + 1, me_.layout.size(), me_.gradient),
        in_(me_.layout.size()) {}

  void begin(std::span<float> weights) override { me_.take_weights_of_first(weights); }

  // Slot c holds the newest gradient that came over c hops; it goes one hop further each
  // time the right neighbour looks.
  void gradients(std::uint64_t step, std::span<float> gradient) override {
    me_.check(gradient);
    if (!started_) first_ = step;
    started_ = true;
    if (reach_ == 0) return;
    board_.put(0, step + 1, gradient);
    float count = 1;
    for (std::size_t hop = 1; hop <= reach_; ++hop) {
      const auto stamp = look(step, hop - 1);
      if (stamp == 0) {
        ++me_.report.staleness.missing;
        continue;
      }
      me_.report.staleness.add(stamp > step ? 0 : step + 1 - stamp);
      if (hop < reach_) board_.put(hop, stamp, in_);
      for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] += in_[i];
      ++count;
    }
    for (float& g : gradient) g /= count;
  }

  void weights(std::uint64_t step, std::span<float> weights) override {
    ++me_.report.steps;
    if (reach_ == 0 || !ends_round(step, mix_every_)) return;
    const auto slot = reach_;
    board_.put(slot, step + 1, weights);
    if (!board_.get(left_, slot, in_).found) return;
    for (std::size_t i = 0; i < weights.size(); ++i)
      weights[i] = (weights[i] + in_[i]) / 2;
  }

  Range owned() const override { return me_.all(); }

  Report report() const override { return me_.books(); }

 private:
  static std::size_t reach_of(std::uint64_t wanted, int ranks) {
    const auto others = static_cast<std::size_t>(ranks - 1);
    return wanted == 0 ? others : std::min<std::size_t>(wanted, others);
  }

  /// The neighbour's slot into in_; its stamp, or 0 if nothing has come there yet, which
  /// is right only as long as nothing has to.
  std::uint64_t look(std::uint64_t step, std::size_t slot) {
    if (step >= first_ + staleness_)
      return board_.get_fresh(left_, slot, step + 1 - staleness_, in_);
    const auto seen = board_.get(left_, slot, in_);
    return seen.found ? seen.stamp : 0;
  }

  Member me_;
  std::uint64_t staleness_, mix_every_;
  std::size_t reach_;  // hops that a gradient travels
  int left_;
  Board board_;
  std::vector<float> in_;
  bool started_ = false;
  std::uint64_t first_ = 0;  // step
};

class RmaRing final : public Exchange {
 public:
  struct Config {
    std::uint64_t reach = 0;
    std::uint64_t staleness = 50;
    std::uint64_t mix_every = 10;

    static constexpr auto fields() {
      return std::tuple{
          config::field<&Config::reach>(
              {.doc = "hops that a gradient travels, so many reads per step: a few for "
                      "many ranks, mixing carries the rest; 0 = round the whole ring"}),
          config::field<&Config::staleness>(
              {.doc = "steps that a contribution may be old at most: a rank that is so "
                      "far ahead waits; 0 = all wait for all"}),
          config::field<&Config::mix_every>(
              {.doc =
                   "steps after which a rank takes the mean of its weights and the "
                   "newest of its left neighbour; 0 = never, and the ranks drift apart"})};
    }
  };

  explicit RmaRing(Config config) : config_(config) {}

  Terms terms(int) const override {
    return {.averages = Terms::Averages::both,
            .staleness = config_.staleness,
            .identical_every = 0};
  }

  std::unique_ptr<Replica> join(Communicator& group,
                                std::vector<Part> parts) const override {
    return std::make_unique<OneSided>(
        group, std::move(parts), config_.reach, config_.staleness, config_.mix_every);
  }

 private:
  Config config_;
};

}  // namespace

void register_exchange_rma_ring(Registry& r) {
  r.add<Exchange, RmaRing>({
      .name = "rma_ring",
      .summary = "Nobody waits: ranks add the newest gradients that their left neighbour "
                 "has, up to a bound on their age.",
      .source = "Lersch:2025",
  });
}

}  // namespace femto
