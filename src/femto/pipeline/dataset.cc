// Events kept in memory or read anew, and bootstrap weights.
#include "femto/pipeline/dataset.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/core/random_bulk.h"
#include "femto/core/threads.h"
#include "femto/pipeline/spread.h"

namespace femto {
namespace {

std::uint64_t bytes_of(std::uint64_t rows, std::size_t columns, bool weighted) {
  return rows * (columns + (weighted ? 1 : 0)) * sizeof(double);
}

/// Sums over the weights of a source.
struct WeightSums {
  double sum = 0, squares = 0, largest = 0;

  void add(std::span<const double> weights) {
    for (const double w : weights) {
      sum += w;
      squares += w * w;
      largest = std::max(largest, std::fabs(w));
    }
  }
};

void scale(std::span<double> weights, double factor) {
  for (double& w : weights) w *= factor;
}

}  // namespace

io::Dropped Source::read_rows(const Experiment& experiment,
                              RowRange range,
                              const ChunkVisitor& visit) const {
  return read(experiment, [&](std::uint64_t first, const io::EventTable& chunk) {
    const auto begin = std::max(first, range.begin);
    const auto end = std::min(first + chunk.rows(), range.end);
    if (begin >= end) return;
    if (begin == first && end == first + chunk.rows()) return visit(first, chunk);
    io::EventTable part(chunk.columns(),
                        static_cast<std::size_t>(end - begin),
                        chunk.weighted() ? io::Weighted::yes : io::Weighted::no);
    const auto copy = [&](std::span<const double> from, std::span<double> to) {
      std::ranges::copy(from.subspan(static_cast<std::size_t>(begin - first), to.size()),
                        to.begin());
    };
    for (std::size_t c = 0; c < chunk.columns().size(); ++c)
      copy(chunk.column(c), part.column(c));
    if (chunk.weighted()) copy(chunk.weights(), part.weights());
    visit(begin, part);
  });
}

Dataset::Dataset(const Source& source,
                 const Experiment& experiment,
                 std::uint64_t memory_limit)
    : source_(&source), experiment_(&experiment), info_(source.inspect(experiment)) {
  const std::size_t columns = columns_of(experiment.measured()).size();
  bool keep = bytes_of(info_.rows, columns, false) <= memory_limit;
  WeightSums sums;
  const auto visit = [&](std::uint64_t, const io::EventTable& chunk) {
    rows_ += chunk.rows();
    sums.add(chunk.weights());
    keep = keep && bytes_of(rows_, columns, chunk.weighted()) <= memory_limit;
    if (!keep) {
      table_.reset();
      return;
    }
    if (table_) return table_->append(chunk);
    table_ = std::make_unique<io::EventTable>(chunk);
    table_->reserve(info_.rows);
  };
  dropped_ = source.read(experiment, visit);
  if (rows_ == 0)
    throw DataError(info_.label + " holds no events (there is nothing to fit)");
  records_ = rows_;
  own_ = {0, rows_};
  in_memory_ = table_ != nullptr;
  if (sums.largest == 0) return;
  if (!(sums.sum > 0))
    throw DataError(fmt::format("the weights of the {} events of {} sum to {} (events of "
                                "negative weight outweigh the others)",
                                rows_,
                                info_.label,
                                sums.sum),
                    "check the weights, or the selection before them");
  scale_ = sums.sum / sums.squares;
  largest_ = sums.largest * scale_;
  records_ = static_cast<std::uint64_t>(std::llround(sums.sum * scale_));
  if (table_) scale(table_->weights(), scale_);
}

Dataset::Dataset(const Source& source,
                 const Experiment& experiment,
                 std::uint64_t memory_limit,
                 const Spread& spread)
    : source_(&source),
      experiment_(&experiment),
      info_(source.inspect(experiment)),
      spread_(&spread),
      rows_(info_.rows) {
  const std::size_t columns = columns_of(experiment.measured()).size();
  in_memory_ = bytes_of(info_.rows, columns, false) <= memory_limit;
  dropped_.rows_read = rows_;
  if (!info_.exact) {
    // Only a look at all rows tells how many there are.
    rows_ = 0;
    dropped_ = source.read(experiment, [&](std::uint64_t, const io::EventTable& chunk) {
      rows_ += chunk.rows();
    });
  }
  if (rows_ == 0)
    throw DataError(info_.label + " holds no events (there is nothing to fit)");
  records_ = rows_;
  own_ = spread.own(rows_);
  if (!in_memory_ || own_.size() == 0) return;
  source.read_rows(experiment, own_, [&](std::uint64_t, const io::EventTable& chunk) {
    expect(!chunk.weighted(), "events that are spread have weight one");
    if (table_) return table_->append(chunk);
    table_ = std::make_unique<io::EventTable>(chunk);
    table_->reserve(static_cast<std::size_t>(own_.size()));
  });
  if (!table_ || table_->rows() != own_.size())
    throw DataError(info_.label + " changed while it was read");
}

std::string Dataset::weight_note() const {
  if (largest_ == 0) return {};
  return fmt::format(
      "{} weighted events are worth {} of weight one; the largest weight "
      "is worth {:.3g}. Errors and floors are for that many, if weights do "
      "not depend on what is fitted.",
      rows_,
      records_,
      largest_);
}

Dataset::Dataset(io::EventTable events)
    : own_{0, events.rows()},
      rows_(events.rows()),
      records_(events.rows()),
      table_(std::make_unique<io::EventTable>(std::move(events))) {
  info_.label = "events in memory";
  info_.rows = rows_;
  for (const auto& column : table_->columns()) info_.columns.push_back(column.name);
}

void Dataset::for_each_chunk(const ChunkVisitor& visit) const {
  expect(!spread_, "these events are spread over ranks");
  for_each_own_chunk(visit);
}

void Dataset::for_each_own_chunk(const ChunkVisitor& visit) const {
  if (own_.size() == 0) return;
  if (table_) return visit(own_.begin, *table_);
  if (spread_) {
    source_->read_rows(*experiment_, own_, visit);
    return;
  }
  source_->read(*experiment_, [&](std::uint64_t first, const io::EventTable& chunk) {
    if (!chunk.weighted()) return visit(first, chunk);
    io::EventTable scaled = chunk;
    scale(scaled.weights(), scale_);
    visit(first, scaled);
  });
}

double Weighting::weight(std::uint64_t event) const {
  if (replica == 0) return 1;
  const auto stream = random::Stream::named(seed, "bootstrap", replica);
  return random::poisson_one(random::uniform(stream, event));
}

void Weighting::fill(std::uint64_t first,
                     std::span<const double> own,
                     std::span<double> weights) const {
  expect(own.empty() || own.size() == weights.size(), "one weight per event");
  if (replica == 0) {
    if (own.empty())
      std::ranges::fill(weights, 1.0);
    else
      std::ranges::copy(own, weights.begin());
    return;
  }
  const auto stream = random::Stream::named(seed, "bootstrap", replica);
  const Pieces pieces{weights.size(), 1 << 14};
  parallel_for(pieces.count(), [&](std::size_t piece) {
    const std::size_t begin = pieces.begin(piece), end = pieces.end(piece);
    random::poisson_ones(stream, first + begin, end - begin, weights.data() + begin);
    if (own.empty()) return;
    for (std::size_t i = begin; i < end; ++i) weights[i] *= own[i];
  });
}

}  // namespace femto
