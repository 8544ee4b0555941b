#include "femto/neural/gpu.h"

#include "femto/core/error.h"

namespace femto::neural {

Choice choose(Device wanted,
              const Gpu& there,
              const Experiment& experiment,
              const Sampler& sampler,
              const NetworkSpec& discriminator,
              GameLoss loss) {
  if (wanted == Device::cpu) return {};
  const bool needed = wanted == Device::cuda;
  if (!there.usable) {
    if (needed)
      throw Error(fmt::format("solver 'gan' cannot use device: cuda ({})", there.words),
                  there.remedy + ", or choose device: cpu or auto");
    return {};
  }
  const auto objection = objection_to_device(experiment, sampler, discriminator, loss);
  if (objection.empty())
    return {true, "Events are made and judged on " + there.words + "."};
  if (needed)
    throw Error(fmt::format("solver 'gan' cannot use device: cuda ({})", objection),
                "change that part of the study, or choose device: cpu or auto");
  return {false, "The GPU is not used: " + objection + "."};
}

}  // namespace femto::neural
