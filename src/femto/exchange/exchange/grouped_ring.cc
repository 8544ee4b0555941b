// Rings inside groups every step, a ring among the groups' leaders now and then.
#include "femto/config/registry.h"
#include "femto/exchange/member.h"

namespace femto {
namespace {

using namespace exchange;

class Grouped final : public Replica {
 public:
  Grouped(Communicator& group, std::vector<Part> parts, int width, std::uint64_t every)
      : me_(group, std::move(parts)),
        every_(every),
        mine_(group.split(group.rank() / width)),
        leaders_(group.split(mine_.rank() == 0 ? 0 : 1)) {}

  void begin(std::span<float> weights) override { me_.take_weights_of_first(weights); }

  void gradients(std::uint64_t step, std::span<float> gradient) override {
    me_.check(gradient);
    ring_sum(mine_, gradient, room_, me_.gradient);
    const bool all = ends_round(step, every_);
    if (all) among_leaders(gradient, me_.gradient);
    const auto ranks = static_cast<float>((all ? me_.group : mine_).size());
    for (float& g : gradient) g /= ranks;
    me_.report.staleness.add(0, mine_.size() - 1);
  }

  void weights(std::uint64_t step, std::span<float> weights) override {
    ++me_.report.steps;
    if (!ends_round(step, every_)) return;
    // The groups have stepped along gradients of their own; without this they drift
    // apart.
    for (float& w : weights) w *= static_cast<float>(mine_.size());
    among_leaders(weights, me_.weights);
    for (float& w : weights) w /= static_cast<float>(me_.group.size());
    check_same(me_.group, weights, step);
    for (std::uint64_t age = 0; age < every_; ++age)
      me_.report.staleness.add(age, me_.group.size() - mine_.size());
  }

  Range owned() const override { return me_.all(); }

  Report report() const override { return me_.books(); }

 private:
  /// The sum over leaders, on all ranks.
  void among_leaders(std::span<float> numbers, const std::string& what) {
    if (mine_.rank() == 0) ring_sum(leaders_, numbers, room_, what);
    broadcast<float>(mine_, 0, numbers, what);
  }

  Member me_;
  std::uint64_t every_;
  Communicator mine_, leaders_;
  std::vector<float> room_;
};

class GroupedRing final : public Exchange {
 public:
  struct Config {
    std::uint64_t group = 4;
    std::uint64_t every = 10;

    static constexpr auto fields() {
      return std::tuple{
          config::field<&Config::group>(
              {.doc = "ranks of a group, neighbours by number; the ranks of one machine "
                      "are a good choice",
               .rule = config::positive}),
          config::field<&Config::every>(
              {.doc = "steps between exchanges of the groups, of gradients and weights",
               .rule = config::positive})};
    }
  };

  explicit GroupedRing(Config config) : config_(config) {}

  Terms terms(int) const override {
    return {.averages = Terms::Averages::both,
            .staleness = config_.every - 1,
            .identical_every = config_.every};
  }

  std::unique_ptr<Replica> join(Communicator& group,
                                std::vector<Part> parts) const override {
    return std::make_unique<Grouped>(
        group, std::move(parts), static_cast<int>(config_.group), config_.every);
  }

 private:
  Config config_;
};

}  // namespace

void register_exchange_grouped_ring(Registry& r) {
  r.add<Exchange, GroupedRing>({
      .name = "grouped_ring",
      .summary = "Groups step together and independently of each other; their leaders "
                 "meet now and then, and bring all weights together again.",
      .source = "Lersch:2025",
  });
}

}  // namespace femto
