#include "femto/pipeline/assist.h"

#include "femto/core/error.h"
#include "femto/exchange/crew.h"
#include "femto/exchange/questions.h"
#include "femto/pipeline/ensemble.h"
#include "femto/pipeline/shard.h"

namespace femto {

void assist(const Plan& plan, exchange::Communicator& group) {
  auto order = exchange::await_order(group);
  if (order.kind == hold_events) {
    Shard shard(plan, group.rank(), group.size());
    exchange::follow(group,
                     [&](const std::string& asked) { return shard.answer(asked); });
    order = exchange::await_order(group);
  }
  if (order.kind == end_of_run) return;
  const Dataset data(*plan.source, *plan.experiment, plan.source->memory_limit());
  const Density density(plan.fitted());
  for (; order.kind != end_of_run; order = exchange::await_order(group)) {
    if (order.kind == share) {
      share_members(plan, density, data, nullptr, group);
      continue;
    }
    expect(order.kind == play, "an order that rank 0 may give");
    SilentMonitor monitor;
    solve_together(plan, density, data, order.item, group, monitor);
  }
}

}  // namespace femto
