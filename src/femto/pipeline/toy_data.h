// What a toy is made of: events and side information drawn from known parameters.
#pragma once
#include <cstdint>
#include <span>

#include "femto/pipeline/solver.h"

namespace femto {

/// Toy k of a series; it depends on (seed, k) alone.
struct ToyNumber {
  std::uint64_t seed = 1, k = 0;
};

/// A seed for draws that must not be the run's own, which come from the study's seed.
std::uint64_t toy_seed(std::uint64_t seed,
                       const char* purpose = "coverage",
                       std::uint64_t k = 0);

/// `records` events at `truth`; `table` stands at its true part.
io::EventTable toy_events(const Task& task,
                          const SamplerTable& table,
                          std::span<const double> truth,
                          std::uint64_t records,
                          const ToyNumber& toy);

/// Side information fluctuates with the events: norms within their uncertainty, counts
/// as Poisson numbers with a luminosity within its own, constraints as measured again.
SideInformation toy_side(const Task& task,
                         std::span<const double> truth,
                         const ToyNumber& toy);

/// The task with these data; all must outlive it.
Task toy_task(const Task& task,
              const Dataset& data,
              const SideInformation& side,
              const ToyNumber& toy);

}  // namespace femto
