// Draws and measures records in fixed pieces.
#include "femto/pipeline/simulate.h"

#include "femto/core/threads.h"

namespace femto {

void simulate(const Theory& theory,
              const SamplerTable& sampler,
              const Detector& detector,
              const Drawing& drawing,
              std::uint64_t first,
              std::size_t n,
              std::span<double* const> record) {
  const auto measured = random::Stream::named(drawing.seed, "detector", drawing.replica);
  const Pieces pieces{n};
  parallel_for(pieces.count(), [&](std::size_t piece) {
    const std::size_t begin = pieces.begin(piece), size = pieces.end(piece) - begin;
    std::vector<double*> columns;
    for (double* column : record) columns.push_back(column + begin);
    std::size_t column = 0;
    for (std::size_t c = 0; c < theory.channels().size(); ++c) {
      const Draw which{event_stream(drawing.seed, c, drawing.replica), first + begin};
      sampler.draw(c, which, size, columns.data() + column);
      column += theory.channels()[c].axes.size();
    }
    detector.apply({measured, first + begin}, size, columns.data());
  });
}

}  // namespace femto
