// Runs the solver once per member.
#include "femto/pipeline/ensemble.h"

#include <cmath>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "femto/core/interrupt.h"
#include "femto/core/threads.h"
#include "femto/exchange/crew.h"
#include "femto/exchange/deal.h"
#include "femto/pipeline/assist.h"
#include "femto/pipeline/far_monitor.h"
#include "femto/pipeline/fit_state.h"

namespace femto {
namespace {

Task make_task(const Plan& plan,
               const Density& density,
               const Dataset& data,
               Weighting weighting,
               std::uint64_t member) {
  return {plan.fitted(),
          density,
          *plan.sampler,
          *plan.experiment,
          *plan.objective,
          plan.generator.get(),
          data,
          plan.side,
          plan.setup,
          weighting,
          plan.study.seed,
          member};
}

bool all_finite(const std::vector<double>& values) {
  for (const double v : values)
    if (!std::isfinite(v)) return false;
  return true;
}

Fit checked(Fit fit) {
  if (fit.outcome != Outcome::diverged && !all_finite(fit.theta)) {
    fit.outcome = Outcome::diverged;
    fit.message = "the estimate is not finite";
  }
  return fit;
}

void finish(Journal& journal, const std::string& part, const Fit& fit) {
  if (fit.outcome == Outcome::diverged) journal.note(part, "diverged: " + fit.message);
  journal.finish(part, to_state(fit));
}

constexpr char finished = 'f', begun = 'b';  // what a brief begins with

Fit solve_one(const Plan& plan, const Task& task, Monitor& monitor) {
  try {
    return checked(plan.solver->solve(task, monitor));
  } catch (const NumericalError& error) {
    Fit fit;
    fit.outcome = Outcome::diverged;
    fit.message = error.what();
    return fit;
  }
}

/// Member after member, each by all ranks.
std::vector<Fit> members_together(const Plan& plan,
                                  const Density& density,
                                  const Dataset& data,
                                  Journal& journal,
                                  exchange::Communicator& group) {
  std::vector<Fit> fits;
  for (const auto member : members_of(plan.study)) {
    const auto part = member_part(member);
    if (const auto done = journal.result(part)) {
      fits.push_back(fit_from(*done));
      continue;
    }
    exchange::give_order(group, {play, member});
    const auto monitor = journal.monitor(part);
    fits.push_back(solve_together(plan, density, data, member, group, *monitor));
    finish(journal, part, fits.back());
  }
  return fits;
}

}  // namespace

std::vector<Fit> members_alone(const Plan& plan,
                               const Density& density,
                               const Dataset& data,
                               Journal& journal) {
  const auto members = members_of(plan.study);
  std::vector<Fit> fits(members.size());
  parallel_for(members.size(), [&](std::size_t i) {
    const auto part = member_part(members[i]);
    if (const auto done = journal.result(part)) {
      fits[i] = fit_from(*done);
      return;
    }
    if (interrupt_signal()) return;
    const auto monitor = journal.monitor(part);
    fits[i] = solve_one(plan, member_task(plan, density, data, members[i]), *monitor);
    finish(journal, part, fits[i]);
    if (members.size() > 1) journal.checkpoint();
  });
  journal.stop_if_asked();
  return fits;
}

std::vector<Fit> share_members(const Plan& plan,
                               const Density& density,
                               const Dataset& data,
                               Journal* journal,
                               exchange::Communicator& group) {
  const auto members = members_of(plan.study);
  std::vector<Fit> fits(members.size());
  std::map<std::size_t, std::unique_ptr<Monitor>> monitors;
  const auto part = [&](std::size_t i) { return member_part(members[i]); };
  exchange::Deal deal{.items = members.size(),
                      .at_once = static_cast<std::size_t>(threads())};
  deal.brief = [&](std::size_t i) {
    if (const auto done = journal->result(part(i))) return finished + io::to_bytes(*done);
    journal->rewind(part(i));  // a rank that was lost may have begun
    const auto state = journal->monitor(part(i))->restored();
    return state ? begun + io::to_bytes(*state) : std::string();
  };
  deal.work = [&](std::size_t i, const std::string& brief, const exchange::Say& say) {
    if (brief.starts_with(finished)) return brief.substr(1);
    FarMonitor monitor(say, plan.study.checkpoint, brief);
    const auto task = member_task(plan, density, data, members[i]);
    return io::to_bytes(to_state(solve_one(plan, task, monitor)));
  };
  deal.hear = [&](std::size_t i, const std::string& words) {
    auto& monitor = monitors[i];
    if (!monitor) monitor = journal->monitor(part(i));
    hear(words, *monitor);
  };
  deal.take = [&](std::size_t i, const std::string& bytes) {
    fits[i] = fit_from(io::state_from(bytes));
    if (journal->result(part(i))) return;
    finish(*journal, part(i), fits[i]);
    journal->checkpoint();
  };
  std::vector<int> lost;
  try {
    lost = exchange::deal_out(group, deal);
  } catch (const Interrupted&) {
    if (journal) journal->checkpoint();
    throw;
  }
  for (const int rank : lost)
    journal->note(part(0),
                  fmt::format("rank {} was lost; the others solved its members", rank));
  if (journal) journal->stop_if_asked();
  return fits;
}

bool plays_together(const Plan& plan) {
  using Averages = exchange::Terms::Averages;
  return plan.exchange && plan.exchange->terms(1).averages != Averages::nothing;
}

Fit solve_together(const Plan& plan,
                   const Density& density,
                   const Dataset& data,
                   std::uint64_t member,
                   exchange::Communicator& group,
                   Monitor& monitor) {
  const Team team{*plan.exchange, group, plan.study.ranks};
  Task task = member_task(plan, density, data, member);
  task.team = &team;
  // What goes wrong on one rank must not pass for a member that diverged on all.
  return checked(plan.solver->solve(task, monitor));
}

std::vector<std::uint64_t> members_of(const Study& study) {
  if (study.ensemble.only) return {static_cast<std::uint64_t>(*study.ensemble.only)};
  std::vector<std::uint64_t> all(static_cast<std::size_t>(study.ensemble.members));
  for (std::size_t k = 0; k < all.size(); ++k) all[k] = k;
  return all;
}

std::string member_part(std::uint64_t member) {
  return fmt::format("member/{}", member);
}

Task member_task(const Plan& plan,
                 const Density& density,
                 const Dataset& data,
                 std::uint64_t member) {
  const std::uint64_t replica = plan.study.ensemble.bootstrap ? member + 1 : 0;
  return make_task(plan, density, data, {plan.study.seed, replica}, member);
}

Task whole_task(const Plan& plan, const Density& density, const Dataset& data) {
  return make_task(plan, density, data, {plan.study.seed, 0}, 0);
}

std::vector<Fit> solve_members(const Plan& plan,
                               const Density& density,
                               const Dataset& data,
                               Journal& journal,
                               exchange::Communicator& group) {
  if (plays_together(plan)) return members_together(plan, density, data, journal, group);
  std::vector<Fit> fits;
  if (group.size() > 1 && plan.study.ensemble.members > 1) {
    exchange::give_order(group, {share, 0});
    return share_members(plan, density, data, &journal, group);
  }
  exchange::work_alone(group,
                       [&] { fits = members_alone(plan, density, data, journal); });
  return fits;
}

}  // namespace femto
