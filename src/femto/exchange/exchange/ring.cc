// The conventional ring: P-1 hops, each rank forwards what its left neighbour sent.
#include "femto/config/registry.h"
#include "femto/exchange/member.h"

namespace femto {
namespace {

using namespace exchange;

class RingReplica final : public Replica {
 public:
  RingReplica(Communicator& group, std::vector<Part> parts, std::uint64_t check_every)
      : me_(group, std::move(parts)), check_every_(check_every) {}

  void begin(std::span<float> weights) override { me_.take_weights_of_first(weights); }

  void gradients(std::uint64_t, std::span<float> gradient) override {
    me_.check(gradient);
    ring_sum(me_.group, gradient, room_, me_.gradient);
    const auto ranks = static_cast<float>(me_.group.size());
    for (float& g : gradient) g /= ranks;
    me_.met();
  }

  void weights(std::uint64_t step, std::span<float> weights) override {
    ++me_.report.steps;
    if (ends_round(step, check_every_)) check_same(me_.group, weights, step);
  }

  Range owned() const override { return me_.all(); }

  Report report() const override { return me_.books(); }

 private:
  Member me_;
  std::uint64_t check_every_;
  std::vector<float> room_;  // the vectors of all ranks
};

class Ring final : public Exchange {
 public:
  struct Config {
    std::uint64_t check_every = 100;

    static constexpr auto fields() {
      return std::tuple{config::field<&Config::check_every>(
          {.doc = "steps between checks that the weights are the same bits on all ranks; "
                  "0 = never"})};
    }
  };

  explicit Ring(Config config) : config_(config) {}

  Terms terms(int) const override {
    return {.averages = Terms::Averages::gradients, .like_one_rank = true};
  }

  std::unique_ptr<Replica> join(Communicator& group,
                                std::vector<Part> parts) const override {
    return std::make_unique<RingReplica>(group, std::move(parts), config_.check_every);
  }

 private:
  Config config_;
};

}  // namespace

void register_exchange_ring(Registry& r) {
  r.add<Exchange, Ring>({
      .name = "ring",
      .summary = "Whole gradients pass round a ring of all ranks in every step.",
      .source = "Lersch:2025",
  });
}

}  // namespace femto
