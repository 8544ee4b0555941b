// Bootstrap samples of data and simulation, each unfolded in the same way.
#include <mutex>

#include "femto/core/random_bulk.h"
#include "femto/core/threads.h"
#include "femto/pipeline/unfolding.h"

namespace femto {
namespace {

/// Multiplies weights by the Poisson(1) counts of a replica.
PairedEvents resampled(PairedEvents events,
                       std::string_view purpose,
                       std::uint64_t seed,
                       std::uint64_t replica) {
  std::vector<double> counts(events.size());
  random::poisson_ones(
      random::Stream::named(seed, purpose, replica), 0, counts.size(), counts.data());
  for (std::size_t i = 0; i < counts.size(); ++i) events.weight[i] *= counts[i];
  return events;
}

}  // namespace

Replicas bootstrap(const PairedEvents& simulation,
                   const PairedEvents& data,
                   const UnfoldingOptions& options,
                   std::size_t replicas,
                   Vary vary,
                   KeepWeights keep,
                   const std::function<void(std::size_t done)>& progress) {
  Replicas out;
  out.bins.resize(replicas);
  out.moments.resize(replicas);
  if (keep == KeepWeights::yes) out.weights.resize(replicas);
  std::mutex counting;
  std::size_t done = 0;
  parallel_for(replicas, [&](std::size_t r) {
    auto own = options;
    own.replica = r + 1;
    own.watch = {};
    const auto drawn =
        vary == Vary::simulation
            ? data
            : resampled(data, "unfolding data bootstrap", options.seed, r + 1);
    const auto simulated =
        vary == Vary::data
            ? simulation
            : resampled(
                  simulation, "unfolding simulation bootstrap", options.seed, r + 1);
    auto found = unfold(simulated, drawn, own);
    for (const auto& column : found.bins)
      out.bins[r].insert(out.bins[r].end(), column.begin(), column.end());
    const auto& last = found.iterates.back();
    for (std::size_t c = 0; c < last.mean.size(); ++c) {
      out.moments[r].push_back(last.mean[c]);
      out.moments[r].push_back(last.sd[c]);
    }
    if (last.nuisance) out.moments[r].push_back(*last.nuisance);
    if (keep == KeepWeights::yes) out.weights[r] = std::move(found.weight);
    const std::lock_guard lock(counting);
    ++done;
    if (progress) progress(done);
  });
  return out;
}

}  // namespace femto
