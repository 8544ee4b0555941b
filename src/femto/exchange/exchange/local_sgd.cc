// Steps of its own on every rank, then the mean of the weights.
#include "femto/config/registry.h"
#include "femto/exchange/member.h"

namespace femto {
namespace {

using namespace exchange;

class Local final : public Replica {
 public:
  Local(Communicator& group, std::vector<Part> parts, std::uint64_t every)
      : me_(group, std::move(parts)), every_(every) {}

  void begin(std::span<float> weights) override { me_.take_weights_of_first(weights); }

  void weights(std::uint64_t step, std::span<float> weights) override {
    ++me_.report.steps;
    if (!ends_round(step, every_)) return;
    me_.mean(weights, me_.weights);
    check_same(me_.group, weights, step);
    me_.met(every_);
  }

  Range owned() const override { return me_.all(); }

  Report report() const override { return me_.books(); }

 private:
  Member me_;
  std::uint64_t every_;
};

class LocalSgd final : public Exchange {
 public:
  struct Config {
    std::uint64_t every = 10;

    static constexpr auto fields() {
      return std::tuple{config::field<&Config::every>(
          {.doc = "steps between means of the weights", .rule = config::positive})};
    }
  };

  explicit LocalSgd(Config config) : config_(config) {}

  Terms terms(int) const override {
    return {.averages = Terms::Averages::weights,
            .staleness = config_.every - 1,
            .identical_every = config_.every};
  }

  std::unique_ptr<Replica> join(Communicator& group,
                                std::vector<Part> parts) const override {
    return std::make_unique<Local>(group, std::move(parts), config_.every);
  }

 private:
  Config config_;
};

}  // namespace

void register_exchange_local_sgd(Registry& r) {
  r.add<Exchange, LocalSgd>({
      .name = "local_sgd",
      .summary = "Ranks step alone and meet in the mean of their weights now and then.",
      .source = "Stich:2019",
  });
}

}  // namespace femto
