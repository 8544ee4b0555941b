// The way of an evolution: stretches of scale without threshold, cut into short steps.
#pragma once
#include <span>
#include <vector>

#include "femto/qcd/coupling.h"

namespace femto::qcd {

/// One step of the evolution; steps follow one another.
struct EvolutionStep {
  int flavours = 0;
  bool threshold_before = false;  // one more flavour joins where the step begins
  RunningTime time;
  std::vector<std::size_t> outputs;  // targets reached where the step ends
};

/// Steps from `start` through the thresholds to each of `targets` (GeV2), which ascend
/// from the start, or descend from it without crossing a threshold. Throws Error if they
/// cross one downwards: what the heavy flavour carries has no place below.
std::vector<EvolutionStep> evolution_path(const StrongCoupling& coupling,
                                          double start_mu2_gev2,
                                          std::span<const double> targets);

}  // namespace femto::qcd
