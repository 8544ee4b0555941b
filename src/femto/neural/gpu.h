// Which machine a game runs on: the CPU or a GPU, as the study wants and as there is one.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "femto/neural/adversarial.h"
#include "femto/neural/chain.h"
#include "femto/neural/engine.h"

namespace femto::neural {

enum class Device { cpu, cuda, automatic };

constexpr std::array<std::pair<std::string_view, Device>, 3> names(Device) {
  return {{{"cpu", Device::cpu}, {"cuda", Device::cuda}, {"auto", Device::automatic}}};
}

/// The GPU as this build and this machine have it.
struct Gpu {
  bool usable = false;
  std::string words;   // its name, or why there is none that can be used
  std::string remedy;  // empty if usable
};

/// Looks once and remembers.
const Gpu& gpu();

/// On the GPU. Throws Bug in a build without CUDA; parts of the chain must outlive it.
MakeEngine on_gpu(const Chain& chain);

/// What a game should run on.
struct Choice {
  bool gpu = false;
  std::string note;  // for the run's notes; may be empty
};

/// Throws Error if `cuda` is wanted and cannot be had. `automatic` takes the GPU if there
/// is one and every part has kernels, and the CPU otherwise.
Choice choose(Device wanted,
              const Gpu& there,
              const Experiment& experiment,
              const Sampler& sampler,
              const NetworkSpec& discriminator,
              GameLoss loss = GameLoss::bce);

}  // namespace femto::neural
