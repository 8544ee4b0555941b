// The conventional ring: P-1 hops, each rank forwards what its left neighbour sent.
#include "femto/config/registry.h"
#include "femto/exchange/lock_step.h"

namespace femto {
namespace {

using namespace exchange;

class RingReplica final : public LockStep {
 public:
  using LockStep::LockStep;

  void gradients(std::uint64_t, std::span<float> gradient) override {
    me_.check(gradient);
    ring_sum(me_.group, gradient, room_, me_.gradient);
    const auto ranks = static_cast<float>(me_.group.size());
    for (float& g : gradient) g /= ranks;
    me_.met();
  }

 private:
  std::vector<float> room_;  // the vectors of all ranks
};

}  // namespace

void register_exchange_ring(Registry& r) {
  r.add<Exchange, LockStepExchange<RingReplica>>({
      .name = "ring",
      .summary = "Whole gradients pass round a ring of all ranks in every step.",
      .source = "Lersch:2025",
  });
}

}  // namespace femto
