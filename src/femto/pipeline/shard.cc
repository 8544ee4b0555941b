#include "femto/pipeline/shard.h"

#include "femto/core/error.h"
#include "femto/pipeline/chains.h"
#include "femto/pipeline/counts.h"
#include "femto/pipeline/ensemble.h"

namespace femto {

const UnbinnedLikelihood& Shard::likelihood() {
  if (!density_) density_.emplace(plan_.fitted());
  if (!likelihood_) likelihood_.emplace(*density_, *data_, Weighting{});
  return *likelihood_;
}

std::string Shard::answer(const std::string& question) {
  const auto [topic, numbers] = question_from(question);
  if (!data_)
    data_.emplace(
        *plan_.source, *plan_.experiment, plan_.source->memory_limit(), spread_);
  switch (topic) {
    case Topic::load:
      return {};
    case Topic::sums:
      return packed(std::span<const double>(likelihood().own_sums(numbers)));
    case Topic::explain:
      return likelihood().explain(numbers);
    case Topic::count:
      return packed(std::span<const double>(own_counts(*data_, numbers)));
    case Topic::sorted:
      return sorted_.answer(*data_, numbers);
    case Topic::chains:
      if (!density_) density_.emplace(plan_.fitted());
      return packed(std::span<const double>(
          chains_of(whole_task(plan_, *density_, *data_), numbers)));
  }
  throw Bug("a question of a topic that nobody knows");
}

}  // namespace femto
