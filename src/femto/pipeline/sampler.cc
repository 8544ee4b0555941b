// The random streams that events are drawn from.
#include "femto/pipeline/sampler.h"

namespace femto {

random::Stream event_stream(std::uint64_t seed,
                            std::size_t channel,
                            std::uint64_t replica,
                            std::uint64_t step) {
  return random::Stream::named(seed, "events/" + std::to_string(channel), replica, step);
}

void fill_uniforms(const Draw& which, std::size_t n, std::size_t axes, double* const* u) {
  for (std::size_t a = 0; a < axes; a += 2)
    random::uniform_pairs(which.stream,
                          which.first,
                          n,
                          static_cast<std::uint32_t>(a / 2),
                          u[a],
                          a + 1 < axes ? u[a + 1] : nullptr);
}

}  // namespace femto
