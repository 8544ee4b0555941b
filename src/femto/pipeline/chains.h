// Chains of a posterior on the ranks that hold the events.
#pragma once
#include <vector>

#include "femto/pipeline/posterior.h"

namespace femto {

/// Runs chains of the likelihood of compressed events, which all ranks get, on every rank
/// that has one to run; each has the bits that it has on one rank. Empty where the events
/// are not spread. The task must outlive it.
ChainRunner chains_over_ranks(const Task& task);

/// What a rank answers to Topic::chains: its chains, as numbers. Only `task.data` may be
/// other than on rank 0.
std::vector<double> chains_of(const Task& task, const std::vector<double>& numbers);

}  // namespace femto
