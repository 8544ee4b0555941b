// Events of a whole record: all channels drawn, then measured.
#pragma once
#include <cstdint>
#include <span>

#include "femto/pipeline/detector.h"
#include "femto/pipeline/sampler.h"

namespace femto {

/// Which records: their seed and replica (toy or member).
struct Drawing {
  std::uint64_t seed = 1;
  std::uint64_t replica = 0;
};

/// Fills record[column][n] with records [first, first + n), on all threads. Record i
/// depends on (seed, replica, i) alone. Channel c uses event_stream(seed, c, replica),
/// the detector Stream::named(seed, "detector", replica).
void simulate(const Theory& theory,
              const SamplerTable& sampler,
              const Detector& detector,
              const Drawing& drawing,
              std::uint64_t first,
              std::size_t n,
              std::span<double* const> record);

}  // namespace femto
