// Every rank keeps the optimiser of a piece of the weights: for models that do not fit.
#include "femto/config/registry.h"
#include "femto/exchange/member.h"

namespace femto {
namespace {

using namespace exchange;

class Shard final : public Replica {
 public:
  Shard(Communicator& group, std::vector<Part> parts, std::uint64_t check_every)
      : me_(group, std::move(parts)), check_every_(check_every) {}

  void begin(std::span<float> weights) override { me_.take_weights_of_first(weights); }

  void gradients(std::uint64_t, std::span<float> gradient) override {
    me_.check(gradient);
    Reduction<float>(
        me_.group, gradient, static_cast<float>(me_.group.size()), me_.gradient)
        .finish_own_piece();
    me_.met();
  }

  void weights(std::uint64_t step, std::span<float> weights) override {
    ++me_.report.steps;
    me_.check(weights);
    gather_pieces<float>(me_.group, weights, me_.weights);
    if (ends_round(step, check_every_)) check_same(me_.group, weights, step);
  }

  Range owned() const override {
    const int r = me_.group.rank(), p = me_.group.size();
    return {cut(me_.layout.size(), r, p), cut(me_.layout.size(), r + 1, p)};
  }

  Report report() const override { return me_.books(); }

 private:
  Member me_;
  std::uint64_t check_every_;
};

class Sharded final : public Exchange {
 public:
  struct Config {
    std::uint64_t check_every = 100;

    static constexpr auto fields() {
      return std::tuple{config::field<&Config::check_every>(
          {.doc = "steps between checks that the weights are the same bits on all ranks; "
                  "0 = never"})};
    }
  };

  explicit Sharded(Config config) : config_(config) {}

  Terms terms(int) const override {
    return {.averages = Terms::Averages::gradients, .like_one_rank = true};
  }

  std::unique_ptr<Replica> join(Communicator& group,
                                std::vector<Part> parts) const override {
    return std::make_unique<Shard>(group, std::move(parts), config_.check_every);
  }

 private:
  Config config_;
};

}  // namespace

void register_exchange_sharded(Registry& r) {
  r.add<Exchange, Sharded>({
      .name = "sharded",
      .summary = "Every rank averages gradients and steps for a piece of the weights.",
      .source = "Rajbhandari:2020",
  });
}

}  // namespace femto
