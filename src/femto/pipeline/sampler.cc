// The random streams that events are drawn from.
#include "femto/pipeline/sampler.h"

namespace femto {

random::Stream event_stream(std::uint64_t seed,
                            std::size_t channel,
                            std::uint64_t replica,
                            std::uint64_t step) {
  return random::Stream::named(seed, "events/" + std::to_string(channel), replica, step);
}

}  // namespace femto
