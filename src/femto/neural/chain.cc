#include "femto/neural/chain.h"

#include <algorithm>

#include <fmt/core.h>

#include "femto/cuda/mlp_shape.h"

namespace femto::neural {
namespace {

constexpr std::size_t most_axes = 2;

bool fits(const NetworkSpec& spec) {
  using Limits = cuda::Mlp<float>;
  const auto narrow = [](int width) { return width >= 1 && width <= Limits::max_width; };
  return spec.hidden.size() < Limits::max_layers && narrow(spec.inputs) &&
         narrow(spec.outputs) && std::ranges::all_of(spec.hidden, narrow);
}

}  // namespace

std::unique_ptr<const GridPlan> grid_plan(const Sampler& sampler, const Theory& theory) {
  auto plan = sampler.plan(theory);
  const auto* grid = dynamic_cast<const GridPlan*>(plan.get());
  for (std::size_t c = 0; grid && c < theory.channels().size(); ++c)
    if (std::holds_alternative<std::monostate>(grid->scheme(c))) grid = nullptr;
  if (!grid) return nullptr;
  const SamplerPlan* owned = plan.release();
  return std::unique_ptr<const GridPlan>(dynamic_cast<const GridPlan*>(owned));
}

std::string objection_to_device(const Experiment& experiment,
                                const Sampler& sampler,
                                const NetworkSpec& discriminator,
                                GameLoss loss) {
  if (loss == GameLoss::wasserstein)
    return "the gradient penalty of loss: wasserstein has no kernels for GPUs";
  if (!experiment.instrument().is_identity())
    return "the detector has no kernels for GPUs; only 'identity' needs none";
  for (const auto& channel : experiment.truth().channels())
    if (channel.axes.size() > most_axes)
      return fmt::format(
          "channel '{}' of the theory has {} axes, but the kernels for GPUs draw from one "
          "or two",
          channel.name,
          channel.axes.size());
  if (!grid_plan(sampler, experiment.truth()))
    return "the sampler has no kernels for GPUs; 'inverse_cdf' has, and 'loits' with "
           "allocation: multinomial";
  if (!fits(discriminator))
    return fmt::format(
        "the kernels for GPUs take discriminators of at most {} hidden "
        "layers of at most {} units",
        cuda::Mlp<float>::max_layers - 1,
        cuda::Mlp<float>::max_width);
  return {};
}

}  // namespace femto::neural
