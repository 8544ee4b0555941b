// The chain of a study as kernels need it, and whether there are kernels for it.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "femto/neural/adversarial.h"
#include "femto/neural/network.h"
#include "femto/neural/standardise.h"
#include "femto/pipeline/experiment.h"
#include "femto/pipeline/grid_plan.h"

namespace femto::neural {

/// From parameters to features. The parts outlive whoever holds this.
struct Chain {
  const Experiment& experiment;
  const Sampler& sampler;
  const Standardiser& standard;
  std::uint64_t seed = 0, member = 0;
};

/// Null if there are no kernels for the sampler.
std::unique_ptr<const GridPlan> grid_plan(const Sampler& sampler, const Theory& theory);

/// Which part has no kernels and what has; empty if all have.
std::string objection_to_device(const Experiment& experiment,
                                const Sampler& sampler,
                                const NetworkSpec& discriminator,
                                GameLoss loss = GameLoss::bce);

}  // namespace femto::neural
