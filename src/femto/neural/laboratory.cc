// Draws and measures in fixed pieces.
#include "femto/neural/laboratory.h"

#include <algorithm>

#include "femto/core/hash.h"
#include "femto/core/threads.h"

namespace femto::neural {

Laboratory::Laboratory(const SimulationSetup& setup, std::string_view purpose)
    : setup_(setup),
      seed_(setup.seed ^ hash64(purpose)),
      plan_(setup.sampler.plan(setup.experiment.truth())) {}

Records Laboratory::records(std::span<const double> theta,
                            std::uint64_t first,
                            std::size_t n) const {
  const auto& channels = setup_.experiment.truth().channels();
  const auto table = plan_->at(setup_.experiment.true_part(theta));
  const auto nu = setup_.experiment.nuisance_part(theta);
  const std::size_t columns = columns_of(setup_.experiment.truth()).size();
  Records out{Matrix(columns, n), Matrix(columns, n), std::vector<double>(n, 1.0)};
  const Pieces pieces{n};
  parallel_for(pieces.count(), [&](std::size_t piece) {
    const std::size_t begin = pieces.begin(piece), size = pieces.end(piece) - begin;
    std::vector<double*> truth, measured;
    for (std::size_t k = 0; k < columns; ++k) {
      truth.push_back(out.truth.row(k) + begin);
      measured.push_back(out.measured.row(k) + begin);
    }
    std::size_t column = 0;
    for (std::size_t c = 0; c < channels.size(); ++c) {
      table->draw(c, {event_stream(seed_, c), first + begin}, size, &truth[column]);
      column += channels[c].axes.size();
    }
    for (std::size_t k = 0; k < columns; ++k) std::copy_n(truth[k], size, measured[k]);
    measure(nu, first + begin, size, measured.data(), &out.weight[begin]);
  });
  return out;
}

void Laboratory::measure(std::span<const double> nu,
                         std::uint64_t first,
                         std::size_t n,
                         double* const* record,
                         double* weight) const {
  const auto stream = random::Stream::named(seed_, "detector");
  std::fill_n(weight, n, 1.0);
  setup_.experiment.instrument().apply({stream, first}, nu, n, record, weight);
}

}  // namespace femto::neural
