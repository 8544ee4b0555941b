// Sums of log densities and scores over fixed pieces of events.
#include "femto/pipeline/unbinned.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "femto/core/error.h"
#include "femto/core/split_sum.h"
#include "femto/core/threads.h"
#include "femto/core/vector_sums.h"
#include "femto/pipeline/spread.h"
#include "femto/stats/linear.h"

namespace femto {

using exchange::Others;

namespace {

constexpr std::size_t block = 512;
constexpr double infinity = std::numeric_limits<double>::infinity();

/// Every record's weight, and those that are not zero.
struct Selection {
  std::vector<double> weights;      // of the records kept; empty: all one
  std::vector<std::uint64_t> rows;  // of the records kept; empty: all
  std::size_t records = 0;
};

Selection select(const io::EventTable& table, const Weighting& weighting) {
  Selection out;
  out.records = table.rows();
  if (weighting.replica == 0 && !table.weighted()) return out;
  std::vector<double> all(table.rows());
  weighting.fill(0, table.weights(), all);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] == 0) continue;
    out.weights.push_back(all[i]);
    out.rows.push_back(i);
  }
  out.records = out.rows.size();
  if (out.records == all.size()) out.rows.clear();
  if (std::ranges::all_of(out.weights, [](double w) { return w == 1; }))
    out.weights.clear();
  return out;
}

/// The records kept of one column.
std::vector<double> gather(std::span<const double> column, const Selection& selection) {
  if (selection.rows.empty()) return {column.begin(), column.end()};
  std::vector<double> out;
  out.reserve(selection.records);
  for (const auto row : selection.rows) out.push_back(column[row]);
  return out;
}

}  // namespace

UnbinnedLikelihood::UnbinnedLikelihood(const Density& density,
                                       const Dataset& data,
                                       const Weighting& weighting)
    : density_(density), spread_(data.spread()), first_(data.own().begin) {
  if (!data.in_memory())
    throw Error(fmt::format("the {} events of {} are not kept in memory (the unbinned "
                            "likelihood passes over every event at every step)",
                            data.rows(),
                            data.info().label),
                "set objective.form=binned, or raise the memory limit of the data");
  expect(!spread_ || weighting.replica == 0, "spread events have weight one");
  const io::EventTable none;
  const io::EventTable& table = data.own_table() ? *data.own_table() : none;
  Selection selection = select(table, weighting);
  records_ = selection.records;
  if (records_ == 0 && !spread_) throw DataError("no event has a weight other than zero");
  const Theory& theory = density.theory();
  const Pieces pieces{records_, events_per_piece};
  bounds_ = spread_ ? spread_->pieces(data.rows())
                    : std::vector<std::size_t>{0, pieces.count()};
  std::size_t column = 0;
  for (std::size_t c = 0; c < theory.channels().size(); ++c) {
    std::vector<std::vector<double>> x;
    for (std::size_t a = 0; a < theory.channels()[c].axes.size(); ++a)
      x.push_back(records_ ? gather(table.column(column++), selection)
                           : std::vector<double>());
    auto& features = channels_.emplace_back().features;
    features.assign(theory.feature_count(c), std::vector<double>(records_));
    parallel_for(pieces.count(), [&](std::size_t i) {
      std::vector<const double*> in;
      std::vector<double*> out;
      for (const auto& axis : x) in.push_back(axis.data() + pieces.begin(i));
      for (auto& feature : features) out.push_back(feature.data() + pieces.begin(i));
      theory.features(c, pieces.end(i) - pieces.begin(i), in.data(), out.data());
    });
  }
  weights_ = std::move(selection.weights);
  rows_ = std::move(selection.rows);
  const std::size_t all = spread_ ? data.rows() : records_;
  events_ = weights_.empty() ? static_cast<double>(all) : pairwise_sum(weights_);
  squares_ = weights_.empty()
                 ? events_
                 : weighted_sum_of(records_, weights_.data(), weights_.data());
}

PartialSums UnbinnedLikelihood::pieces_of(std::size_t channel,
                                          std::span<const double> theta) const {
  const Theory& theory = density_.theory();
  const auto& columns = channels_[channel].features;
  const Pieces pieces{records_, events_per_piece};
  PartialSums partial(pieces.count(), 1 + theta.size());
  parallel_for(pieces.count(), [&](std::size_t piece) {
    std::vector<double> values((1 + theta.size()) * block), sum(1 + theta.size(), 0.0);
    std::vector<const double*> features(columns.size());
    std::vector<double*> slope;
    for (std::size_t k = 0; k < theta.size(); ++k)
      slope.push_back(&values[(k + 1) * block]);
    for (std::size_t i = pieces.begin(piece); i < pieces.end(piece); i += block) {
      const std::size_t n = std::min(block, pieces.end(piece) - i);
      for (std::size_t f = 0; f < columns.size(); ++f)
        features[f] = columns[f].data() + i;
      theory.evaluate(channel, theta, n, features.data(), values.data(), slope.data());
      for (std::size_t k = 0; k < sum.size(); ++k) {
        const double* x = &values[k * block];
        sum[k] += weights_.empty() ? sum_of(n, x) : weighted_sum_of(n, &weights_[i], x);
      }
    }
    for (std::size_t k = 0; k < sum.size(); ++k) partial.at(piece, k) = sum[k];
  });
  return partial;
}

std::vector<double> UnbinnedLikelihood::own_sums(std::span<const double> theta) const {
  std::vector<double> out;
  const auto rank = static_cast<std::size_t>(spread_ ? spread_->rank() : 0);
  for (std::size_t c = 0; c < channels_.size(); ++c) {
    const PartialSums sums = pieces_of(c, theta);
    for (std::size_t k = 0; k <= theta.size(); ++k) {
      const auto parts = subtree_sums(sums.of(k), bounds_[rank], bounds_.back());
      out.insert(out.end(), parts.begin(), parts.end());
    }
  }
  return out;
}

Matrix UnbinnedLikelihood::joined(std::size_t parameters,
                                  std::vector<double> own,
                                  const std::vector<std::string>& others) const {
  std::vector<std::vector<double>> parts{std::move(own)};
  for (const auto& answer : others) parts.push_back(unpacked<double>(answer));
  std::vector<std::size_t> used(parts.size(), 0);
  const auto next = [&](std::size_t rank) { return parts[rank].at(used[rank]++); };
  Matrix out(channels_.size(), 1 + parameters);
  for (double& sum : out.data) sum = joined_sum(bounds_.back(), bounds_, next);
  for (std::size_t r = 0; r < parts.size(); ++r)
    expect(used[r] == parts[r].size(), "every rank gives as many sums as are wanted");
  return out;
}

stats::Evaluation UnbinnedLikelihood::evaluate(std::span<const double> theta) const {
  stats::Evaluation out;
  out.gradient.assign(theta.size(), 0);
  out.curvature = Matrix(theta.size(), theta.size());
  // The others sum while this rank integrates and sums.
  std::future<Others::Answers> asked;
  if (spread_)
    asked = spread_->others()->ask(to_bytes({Topic::sums, {theta.begin(), theta.end()}}));
  NormsAndInformation expected;
  try {
    expected = density_.norms_and_information(theta);
  } catch (const NumericalError&) {
    out.value = infinity;
    return out;
  }
  stats::add(out.curvature, events_, expected.information);
  auto own = own_sums(theta);
  const Matrix sum =
      joined(theta.size(), std::move(own), spread_ ? asked.get() : Others::Answers());
  for (std::size_t c = 0; c < channels_.size(); ++c) {
    out.value -= sum(c, 0) - events_ * expected.norms.log_norm[c];
    for (std::size_t k = 0; k < theta.size(); ++k)
      out.gradient[k] -= sum(c, k + 1) - events_ * expected.norms.slope(c, k);
  }
  if (std::isnan(out.value)) out.value = infinity;
  return out;
}

std::optional<Matrix> UnbinnedLikelihood::gradient_variance(
    std::span<const double> theta) const {
  if (weights_.empty()) return {};
  Matrix out(theta.size(), theta.size());
  stats::add(out, squares_, density_.information(theta));
  return out;
}

std::string UnbinnedLikelihood::explain(std::span<const double> theta) const {
  const Theory& theory = density_.theory();
  std::future<Others::Answers> asked;
  if (spread_ && spread_->others())
    asked =
        spread_->others()->ask(to_bytes({Topic::explain, {theta.begin(), theta.end()}}));
  std::vector<double> log_sigma(records_);
  for (std::size_t c = 0; c < channels_.size(); ++c) {
    std::vector<const double*> features;
    for (const auto& column : channels_[c].features) features.push_back(column.data());
    theory.evaluate(c, theta, records_, features.data(), log_sigma.data(), nullptr);
    for (std::size_t i = 0; i < records_; ++i)
      if (!std::isfinite(log_sigma[i]))
        return fmt::format(
            "row {}: the density of channel '{}' is zero or not finite at ({})",
            first_ + (rows_.empty() ? i : rows_[i]) + 1,
            theory.channels()[c].name,
            fmt::join(theta, ", "));
  }
  if (asked.valid())
    for (const auto& words : asked.get())
      if (!words.empty()) return words;
  return {};
}

}  // namespace femto
