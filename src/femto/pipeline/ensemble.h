// Solving a study once, or as an ensemble whose members are reproducible alone.
#pragma once
#include <string>
#include <vector>

#include "femto/pipeline/journal.h"
#include "femto/pipeline/plan.h"

namespace femto {

/// The task of one member: its own random streams and, with bootstrap, its own weights.
/// The plan and the data must outlive it.
Task member_task(const Plan& plan,
                 const Density& density,
                 const Dataset& data,
                 std::uint64_t member);

/// The task that inference works on: the data as they are.
Task whole_task(const Plan& plan, const Density& density, const Dataset& data);

/// Numbers of the members to solve: all, or the one of `ensemble.only`.
std::vector<std::uint64_t> members_of(const Study& study);

/// "member/3": the part of the journal that a member works on.
std::string member_part(std::uint64_t member);

/// Whether all ranks solve one member together, by the study's exchange.
bool plays_together(const Plan& plan);

/// Solves one member together with the other ranks of the group, which all call this.
Fit solve_together(const Plan& plan,
                   const Density& density,
                   const Dataset& data,
                   std::uint64_t member,
                   exchange::Communicator& group,
                   Monitor& monitor);

/// Solves the members one by one on ranks that ask for them; called by all ranks, with
/// the journal on rank 0. Finished members are taken from it.
std::vector<Fit> share_members(const Plan& plan,
                               const Density& density,
                               const Dataset& data,
                               Journal* journal,
                               exchange::Communicator& group);

/// Solves the members on this rank, in parallel; finished ones are taken from the
/// journal.
std::vector<Fit> members_alone(const Plan& plan,
                               const Density& density,
                               const Dataset& data,
                               Journal& journal);

/// Solves every member, in parallel; finished ones are taken from the journal. A member
/// that diverges is kept with Outcome::diverged. Throws Interrupted after a checkpoint.
/// On rank 0 of the group; the others assist (pipeline/assist.h).
std::vector<Fit> solve_members(const Plan& plan,
                               const Density& density,
                               const Dataset& data,
                               Journal& journal,
                               exchange::Communicator& group);

}  // namespace femto
