// Draws and measures records in fixed pieces.
#include "femto/pipeline/simulate.h"

#include <algorithm>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/core/threads.h"

namespace femto {
namespace {

constexpr std::size_t batch = 1 << 16;
/// Fewer survivors than this share, after so many attempts, are a mistake of the study.
constexpr double least_share = 1e-4;
constexpr std::uint64_t patience = 1 << 20;

}  // namespace

Simulation::Simulation(const Experiment& experiment,
                       const SamplerTable& sampler,
                       std::vector<double> nu,
                       Drawing drawing)
    : experiment_(experiment),
      sampler_(sampler),
      nu_(std::move(nu)),
      drawing_(drawing),
      waiting_(columns_of(experiment.truth()).size()) {
  expect(nu_.size() == experiment.instrument().nuisances().size(),
         "one value for each nuisance parameter");
}

void Simulation::attempt(std::size_t n, std::span<double* const> record, char* kept) {
  const auto [seed, replica] = drawing_;
  const auto detector = random::Stream::named(seed, "detector", replica);
  const auto survival = random::Stream::named(seed, "survival", replica);
  const auto& channels = experiment_.truth().channels();
  const Pieces pieces{n};
  parallel_for(pieces.count(), [&](std::size_t piece) {
    const std::size_t begin = pieces.begin(piece), size = pieces.end(piece) - begin;
    const std::uint64_t first = attempts_ + begin;
    std::vector<double*> columns;
    for (double* column : record) columns.push_back(column + begin);
    std::size_t column = 0;
    for (std::size_t c = 0; c < channels.size(); ++c) {
      sampler_.draw(
          c, {event_stream(seed, c, replica), first}, size, columns.data() + column);
      column += channels[c].axes.size();
    }
    std::vector<double> probability(kept ? size : 0);
    experiment_.instrument().apply({detector, first},
                                   nu_,
                                   size,
                                   columns.data(),
                                   kept ? probability.data() : nullptr);
    for (std::size_t i = 0; i < probability.size(); ++i)
      kept[begin + i] = random::uniform(survival, first + i) < probability[i];
  });
  attempts_ += n;
}

void Simulation::skip(std::uint64_t attempts) {
  expect(attempts_ == 0 && !experiment_.instrument().loses(),
         "only the first of all events can be left out");
  attempts_ = attempts;
}

void Simulation::refill() {
  std::vector<std::vector<double>> fresh(waiting_.size(), std::vector<double>(batch));
  std::vector<double*> record;
  for (auto& column : fresh) record.push_back(column.data());
  std::vector<char> kept(batch);
  attempt(batch, record, kept.data());
  for (auto& column : waiting_) column.clear();
  for (std::size_t i = 0; i < batch; ++i)
    for (std::size_t c = 0; kept[i] && c < fresh.size(); ++c)
      waiting_[c].push_back(fresh[c][i]);
  taken_ = 0;
  survivors_ += waiting_[0].size();
  if (attempts_ >= patience &&
      static_cast<double>(survivors_) < least_share * static_cast<double>(attempts_))
    throw NumericalError(
        fmt::format(
            "{} of {} simulated records survive the detector", survivors_, attempts_),
        "check efficiencies and cuts of the detector's stages against the theory's range");
}

void Simulation::next(std::size_t n, std::span<double* const> record) {
  if (!experiment_.instrument().loses()) return attempt(n, record, nullptr);
  for (std::size_t done = 0; done < n;) {
    if (taken_ == waiting_[0].size()) {
      refill();
      continue;
    }
    const std::size_t some = std::min(n - done, waiting_[0].size() - taken_);
    for (std::size_t c = 0; c < waiting_.size(); ++c)
      std::copy_n(waiting_[c].data() + taken_, some, record[c] + done);
    taken_ += some;
    done += some;
  }
}

io::EventTable simulated(const Experiment& experiment,
                         const SamplerTable& sampler,
                         std::span<const double> theta,
                         Drawing drawing,
                         std::size_t n) {
  std::vector<io::Column> columns;
  for (const auto& channel : experiment.measured().channels())
    for (const auto& axis : channel.axes)
      columns.push_back({axis.column, axis.unit.empty() ? "1" : axis.unit});
  io::EventTable events(columns, n);
  std::vector<double*> record;
  for (std::size_t c = 0; c < columns.size(); ++c)
    record.push_back(events.column(c).data());
  const auto nu = experiment.nuisance_part(theta);
  Simulation(experiment, sampler, {nu.begin(), nu.end()}, drawing).next(n, record);
  return events;
}

}  // namespace femto
