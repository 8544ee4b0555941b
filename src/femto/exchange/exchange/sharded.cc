// Every rank keeps the optimiser of a piece of the weights: for models that do not fit.
#include "femto/config/registry.h"
#include "femto/exchange/lock_step.h"

namespace femto {
namespace {

using namespace exchange;

class Shard final : public LockStep {
 public:
  using LockStep::LockStep;

  void gradients(std::uint64_t, std::span<float> gradient) override {
    me_.check(gradient);
    Reduction<float>(
        me_.group, gradient, static_cast<float>(me_.group.size()), me_.gradient)
        .finish_own_piece();
    me_.met();
  }

  void weights(std::uint64_t step, std::span<float> weights) override {
    me_.check(weights);
    gather_pieces<float>(me_.group, weights, me_.weights);
    LockStep::weights(step, weights);
  }

  Range owned() const override {
    const int r = me_.group.rank(), p = me_.group.size();
    return {cut(me_.layout.size(), r, p), cut(me_.layout.size(), r + 1, p)};
  }
};

}  // namespace

void register_exchange_sharded(Registry& r) {
  r.add<Exchange, LockStepExchange<Shard>>({
      .name = "sharded",
      .summary = "Every rank averages gradients and steps for a piece of the weights.",
      .source = "Rajbhandari:2020",
  });
}

}  // namespace femto
