#include "femto/pipeline/toy_data.h"

#include <algorithm>
#include <cmath>

#include "femto/pipeline/simulate.h"

namespace femto {

std::uint64_t toy_seed(std::uint64_t seed, const char* purpose, std::uint64_t k) {
  const auto bits = random::Stream::named(seed, purpose, k).bits(0);
  return (std::uint64_t{bits[0]} << 32) | bits[1];
}

io::EventTable toy_events(const Task& task,
                          const SamplerTable& table,
                          std::span<const double> truth,
                          std::uint64_t records,
                          const ToyNumber& toy) {
  return simulated(task.experiment, table, truth, {toy_seed(toy.seed), toy.k}, records);
}

SideInformation toy_side(const Task& task,
                         std::span<const double> truth,
                         const ToyNumber& toy) {
  SideInformation side = task.side;
  const auto stream = random::Stream::named(toy.seed, "coverage side", toy.k);
  const auto norms = task.density.norms(truth).log_norm;
  for (std::size_t c = 0; c < side.norms.size(); ++c)
    side.norms[c] = std::exp(norms[c]) *
                    (1 + side.norm_uncertainties[c] * random::normal_pair(stream, c)[0]);
  const double spread = std::max(0.0, side.luminosity_uncertainty);
  const double luminosity =
      side.luminosity * (1 + spread * random::normal_pair(stream, 1000)[0]);
  for (std::size_t c = 0; c < side.counts.size(); ++c)
    side.counts[c] = static_cast<double>(random::poisson(
        random::uniform(stream, 2000 + c), luminosity * std::exp(norms[c])));
  for (std::size_t c = 0; c < side.constraints.size(); ++c)
    side.constraints[c] = measured_again(side.constraints[c], truth, stream, 3000 + c);
  return side;
}

Task toy_task(const Task& task,
              const Dataset& data,
              const SideInformation& side,
              const ToyNumber& toy) {
  return {task.theory,
          task.density,
          task.sampler,
          task.experiment,
          task.objective,
          task.generator,
          data,
          side,
          task.setup,
          {},
          toy.seed,
          toy.k};
}

}  // namespace femto
