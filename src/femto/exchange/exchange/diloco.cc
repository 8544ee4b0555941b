// Inner steps of its own on every rank, then an outer step of Nesterov momentum for all.
#include <algorithm>

#include "femto/config/registry.h"
#include "femto/exchange/member.h"

namespace femto {
namespace {

using namespace exchange;

class Inner final : public Replica {
 public:
  struct Outer {
    std::uint64_t every;
    float rate, momentum;
  };

  Inner(Communicator& group, std::vector<Part> parts, Outer outer)
      : me_(group, std::move(parts)), outer_(outer), state_(2 * me_.layout.size()) {}

  void begin(std::span<float> weights) override {
    me_.take_weights_of_first(weights);
    std::copy(weights.begin(), weights.end(), state_.begin());
  }

  // Source: Douillard:2023 algorithm 1; the outer gradient is the mean over ranks of
  // (shared weights - own weights).
  void weights(std::uint64_t step, std::span<float> weights) override {
    ++me_.report.steps;
    if (!ends_round(step, outer_.every)) return;
    me_.mean(weights, me_.weights);
    const std::size_t n = weights.size();
    for (std::size_t i = 0; i < n; ++i) {
      float& shared = state_[i];
      float& velocity = state_[n + i];
      const float gradient = shared - weights[i];
      velocity = outer_.momentum * velocity + gradient;
      shared -= outer_.rate * (gradient + outer_.momentum * velocity);
      weights[i] = shared;
    }
    check_same(me_.group, weights, step);
    me_.met(outer_.every);
  }

  Range owned() const override { return me_.all(); }

  std::span<float> state() override { return state_; }

  Report report() const override { return me_.books(); }

 private:
  Member me_;
  Outer outer_;
  std::vector<float> state_;  // the weights after the last outer step, then the velocity
};

class DiLoCo final : public Exchange {
 public:
  struct Config {
    std::uint64_t every = 500;
    double rate = 0.7;
    double momentum = 0.9;

    static constexpr auto fields() {
      return std::tuple{
          config::field<&Config::every>(
              {.doc = "inner steps between outer steps", .rule = config::positive}),
          config::field<&Config::rate>(
              {.doc = "step size of the outer steps; 1 without momentum is local_sgd",
               .rule = config::positive}),
          config::field<&Config::momentum>({.doc = "Nesterov momentum of the outer steps",
                                            .rule = config::between(0, 0.999)})};
    }
  };

  explicit DiLoCo(Config config) : config_(config) {}

  Terms terms(int) const override {
    return {.averages = Terms::Averages::weights,
            .staleness = config_.every - 1,
            .identical_every = config_.every};
  }

  std::unique_ptr<Replica> join(Communicator& group,
                                std::vector<Part> parts) const override {
    return std::make_unique<Inner>(group,
                                   std::move(parts),
                                   Inner::Outer{config_.every,
                                                static_cast<float>(config_.rate),
                                                static_cast<float>(config_.momentum)});
  }

 private:
  Config config_;
};

}  // namespace

void register_exchange_diloco(Registry& r) {
  r.add<Exchange, DiLoCo>({
      .name = "diloco",
      .summary = "Many steps of its own on every rank, then one with momentum for all.",
      .source = "Douillard:2023",
  });
}

}  // namespace femto
