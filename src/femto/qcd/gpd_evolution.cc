#include "femto/qcd/gpd_evolution.h"

#include <algorithm>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/qcd/flavours.h"
#include "femto/qcd/number_cache.h"

namespace femto::qcd {
namespace {

std::string description(const GpdEvolutionSettings& s,
                        const std::vector<GpdGrid>& grids,
                        const EvolutionPlan& plan) {
  std::string text = "evolution operators; " + plan.description();
  for (const auto& grid : grids)
    text += "; " + GpdKernels::description(grid, s.helicity, s.order);
  return text;
}

}  // namespace

GpdEvolution::GpdEvolution(const GpdEvolutionSettings& settings,
                           const std::filesystem::path& cache)
    : settings_(settings),
      plan_(
          settings.coupling, settings.start_mu2_gev2, settings.mu2_gev2, settings.nodes) {
  if (settings_.xi.empty()) fail("evolution at no skewness at all");
  for (const double xi : settings_.xi) grids_.emplace_back(xi, settings_.nodes);
  const std::size_t total = grids_.size() * plan_.size();
  const auto key = description(settings_, grids_, plan_);
  numbers_ = cached_numbers(cache, "gpd_evolution", key, total, [&] {
    std::vector<double> numbers(total);
    parallel_for(grids_.size(), [&](std::size_t k) {
      const auto kernels =
          GpdKernels::build(grids_[k], settings_.helicity, settings_.order);
      plan_.build([&](int flavours) { return kernels.generators(flavours); },
                  std::span(numbers).subspan(k * plan_.size(), plan_.size()));
    });
    return numbers;
  });
}

ScaleOperators GpdEvolution::at(std::size_t skewness, std::size_t scale) const {
  return plan_.at(scale,
                  std::span(numbers_).subspan(skewness * plan_.size(), plan_.size()));
}

void GpdEvolution::evolve(std::span<const double> start, std::span<double> out) const {
  const std::size_t size = flavour_rows * settings_.nodes, all = skewnesses() * size;
  expect(start.size() == all && out.size() == scales() * all,
         "distributions are [xi, flavour, node], after evolution [scale, ...]");
  for (std::size_t k = 0; k < skewnesses(); ++k)
    plan_.check_start(start.subspan(k * size, size));
  parallel_for(skewnesses(), [&](std::size_t k) {
    for (std::size_t s = 0; s < scales(); ++s)
      at(k, s).apply(start.data() + k * size, out.data() + s * all + k * size);
  });
}

void GpdEvolution::pull_back(std::span<const double> gradient,
                             std::span<double> at_start) const {
  const std::size_t size = flavour_rows * settings_.nodes, all = skewnesses() * size;
  expect(gradient.size() == scales() * all && at_start.size() == all,
         "gradients have the shapes of the distributions");
  std::fill(at_start.begin(), at_start.end(), 0.0);
  parallel_for(skewnesses(), [&](std::size_t k) {
    std::vector<double> part(size);
    for (std::size_t s = 0; s < scales(); ++s) {
      at(k, s).pull_back(gradient.data() + s * all + k * size, part.data());
      for (std::size_t i = 0; i < size; ++i) at_start[k * size + i] += part[i];
    }
  });
}

}  // namespace femto::qcd
