#include "femto/qcd/evolution.h"

#include <algorithm>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/qcd/flavours.h"
#include "femto/qcd/number_cache.h"

namespace femto::qcd {

Evolution::Evolution(const EvolutionSettings& settings,
                     const std::filesystem::path& cache)
    : settings_(settings),
      grid_(settings.grid),
      plan_(settings.coupling, settings.start_mu2_gev2, settings.mu2_gev2, grid_.size()) {
  const auto kernels = KernelMatrices::description(grid_, settings_.order);
  const auto description =
      fmt::format("evolution operators; {}; {}", kernels, plan_.description());
  numbers_ = cached_numbers(cache, "evolution", description, plan_.size(), [&] {
    const KernelMatrices made(
        grid_.size(),
        settings_.order,
        cached_numbers(
            cache,
            "kernels",
            kernels,
            pieces_of(settings_.order) * grid_.size() * grid_.size(),
            [&] { return KernelMatrices::build(grid_, settings_.order).numbers(); }));
    std::vector<double> numbers(plan_.size());
    plan_.build([&](int flavours) { return Generators(made, flavours); }, numbers);
    return numbers;
  });
}

std::span<const double> Evolution::matrix(std::size_t scale,
                                          Operator op,
                                          std::size_t heavy) const {
  return plan_.at(scale, numbers_).matrix(op, heavy);
}

void Evolution::evolve(std::span<const double> start, std::span<double> out) const {
  const std::size_t size = flavour_rows * grid_.size();
  expect(start.size() == size && out.size() == scales() * size,
         "densities are [flavour, node], and [scale, flavour, node] after evolution");
  plan_.check_start(start);
  parallel_for(scales(), [&](std::size_t k) {
    plan_.at(k, numbers_).apply(start.data(), out.data() + k * size);
  });
}

void Evolution::pull_back(std::span<const double> gradient,
                          std::span<double> at_start) const {
  const std::size_t size = flavour_rows * grid_.size();
  expect(gradient.size() == scales() * size && at_start.size() == size,
         "gradients have the shapes of the densities");
  std::vector<double> parts(scales() * size);
  parallel_for(scales(), [&](std::size_t k) {
    plan_.at(k, numbers_).pull_back(gradient.data() + k * size, parts.data() + k * size);
  });
  std::fill(at_start.begin(), at_start.end(), 0.0);
  for (std::size_t k = 0; k < scales(); ++k)
    for (std::size_t i = 0; i < size; ++i) at_start[i] += parts[k * size + i];
}

}  // namespace femto::qcd
