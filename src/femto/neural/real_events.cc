#include "femto/neural/real_events.h"

#include <algorithm>

#include <ATen/Functions.h>

#include "femto/core/error.h"
#include "femto/core/random.h"
#include "femto/core/threads.h"

namespace femto::neural {
namespace {

std::vector<double> standardised(const Standardiser& standard,
                                 const io::EventTable& events,
                                 std::size_t row) {
  std::vector<double> out(events.columns().size());
  for (std::size_t c = 0; c < out.size(); ++c)
    out[c] = standard.apply(c, events.column(c)[row]);
  return out;
}

/// [row][column] -> [column, row].
Matrix transposed(const std::vector<std::vector<double>>& rows, std::size_t columns) {
  Matrix out(columns, rows.size());
  for (std::size_t c = 0; c < columns; ++c)
    for (std::size_t i = 0; i < rows.size(); ++i) out(c, i) = rows[i][c];
  return out;
}

}  // namespace

double largest_weight(const Dataset& data) {
  double largest = 0;
  data.for_each_chunk([&](std::uint64_t first, const io::EventTable& chunk) {
    if (!chunk.weighted()) largest = 1;
    const auto weights = chunk.weights();
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (weights[i] < 0)
        throw DataError(fmt::format("event {} has the negative weight {} (networks draw "
                                    "events with probability proportional to weight)",
                                    first + i,
                                    weights[i]),
                        "use a likelihood, or events without negative weights");
      largest = std::max(largest, weights[i]);
    }
  });
  if (!(largest > 0)) throw DataError("all events have weight 0");
  return largest;
}

Matrix sample_of(const Theory& theory,
                 const Dataset& data,
                 const Standardiser& standard,
                 std::size_t n,
                 std::uint64_t seed) {
  const auto stream = random::Stream::named(seed, "sample of the data");
  const double largest = largest_weight(data);
  double sum = 0;
  data.for_each_chunk([&](std::uint64_t, const io::EventTable& chunk) {
    const auto weights = chunk.weights();
    for (std::size_t i = 0; i < chunk.rows(); ++i)
      sum += weights.empty() ? 1.0 : weights[i];
  });
  const double factor = std::min(1 / largest, static_cast<double>(n) / sum);
  std::vector<std::vector<double>> kept;
  data.for_each_chunk([&](std::uint64_t first, const io::EventTable& chunk) {
    const auto weights = chunk.weights();
    for (std::size_t i = 0; i < chunk.rows(); ++i) {
      const double weight = weights.empty() ? 1.0 : weights[i];
      if (random::uniform(stream, first + i) < factor * weight)
        kept.push_back(standardised(standard, chunk, i));
    }
  });
  return transposed(kept, columns_of(theory).size());
}

RealEvents::RealEvents(const Theory& theory,
                       const Dataset& data,
                       const Weighting& weighting,
                       const Standardiser& standard,
                       std::uint64_t seed,
                       const RealEventsOptions& options)
    : columns_(columns_of(theory).size()) {
  const auto test = random::Stream::named(seed, "held out");
  const auto thin = random::Stream::named(seed, "thin data");
  const auto by_weight = random::Stream::named(seed, "held out by weight");
  const double keep =
      static_cast<double>(options.max_rows) / static_cast<double>(data.rows());
  const double largest = largest_weight(data);
  const std::uint64_t begin = data.rows() * options.part / options.parts;
  const std::uint64_t end = data.rows() * (options.part + 1) / options.parts;
  std::vector<std::vector<double>> held;
  data.for_each_chunk([&](std::uint64_t first, const io::EventTable& chunk) {
    const auto weights = chunk.weights();
    for (std::size_t i = 0; i < chunk.rows(); ++i) {
      const std::uint64_t event = first + i;
      if (keep < 1 && random::uniform(thin, event) >= keep) continue;
      const auto z = standardised(standard, chunk, i);
      const double weight = weights.empty() ? 1.0 : weights[i];
      const bool train = random::uniform(test, event) >= options.held_out;
      if (train && event >= begin && event < end)
        add(z, weight * weighting.weight(event));
      else if (!train && random::uniform(by_weight, event) < weight / largest)
        held.push_back(z);
    }
  });
  if (rows() == 0 || (options.held_out > 0 && held.size() < 100))
    throw DataError(
        fmt::format("{} events are too few for training: {} to train on, {} held out",
                    data.rows(),
                    rows(),
                    held.size()),
        "adversarial training needs some thousands of events; use a likelihood");
  held_out_ = transposed(held, columns_);
}

void RealEvents::add(const std::vector<double>& event, double weight) {
  if (!(weight > 0)) return;
  equal_ = equal_ && weight == 1;
  for (const double z : event) values_.push_back(static_cast<float>(z));
  cumulative_.push_back((cumulative_.empty() ? 0 : cumulative_.back()) + weight);
}

Tensor RealEvents::batch(random::Stream stream, std::size_t n) const {
  auto out = at::empty(
      {static_cast<std::int64_t>(n), static_cast<std::int64_t>(columns_)}, at::kFloat);
  float* to = out.data_ptr<float>();
  const Pieces pieces{n, 4096};
  parallel_for(pieces.count(), [&](std::size_t piece) {
    for (std::size_t i = pieces.begin(piece); i < pieces.end(piece); ++i) {
      const auto row = row_at(random::uniform(stream, i));
      std::copy_n(values_.data() + row * columns_, columns_, to + i * columns_);
    }
  });
  return out;
}

std::size_t RealEvents::row_at(double u) const {
  const auto last = rows() - 1;
  if (equal_) return std::min(static_cast<std::size_t>(u * cumulative_.back()), last);
  const auto at =
      std::upper_bound(cumulative_.begin(), cumulative_.end(), u * cumulative_.back());
  return std::min(static_cast<std::size_t>(at - cumulative_.begin()), last);
}

}  // namespace femto::neural
