#include "femto/pipeline/counts.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <optional>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/core/sum.h"
#include "femto/core/vector_sums.h"
#include "femto/pipeline/spread.h"

namespace femto {
namespace {

[[noreturn]] void refuse(const EqualBins& set,
                         const io::EventTable& chunk,
                         std::uint64_t row,
                         std::size_t axis,
                         double x) {
  throw DataError(fmt::format("row {}, column {}: {} lies outside [{}, {}]",
                              row + 1,
                              chunk.columns()[set.first_column + axis].name,
                              x,
                              set.lo[axis],
                              set.hi[axis]));
}

/// Adds the weights of a chunk to the bins of one set.
void count(const io::EventTable& chunk,
           std::uint64_t first,
           const EqualBins& set,
           std::span<const double> weights,
           std::vector<double>& counts) {
  const std::size_t axes = set.lo.size();
  std::vector<const double*> x;
  std::vector<double> scale;
  for (std::size_t a = 0; a < axes; ++a) {
    x.push_back(chunk.column(set.first_column + a).data());
    scale.push_back(static_cast<double>(set.per_axis) / (set.hi[a] - set.lo[a]));
  }
  const double last = static_cast<double>(set.per_axis - 1);
  for (std::size_t i = 0; i < chunk.rows(); ++i) {
    std::size_t bin = 0;
    bool inside = true;
    for (std::size_t a = 0; a < axes; ++a) {
      const double place = (x[a][i] - set.lo[a]) * scale[a];
      if (!(x[a][i] >= set.lo[a] && x[a][i] <= set.hi[a])) {
        if (set.outside == Outside::refuse) refuse(set, chunk, first + i, a, x[a][i]);
        inside = inside && set.outside == Outside::nearest_bin;
      }
      bin = bin * set.per_axis + static_cast<std::size_t>(std::clamp(place, 0.0, last));
    }
    if (inside) counts[bin] += weights[i];
  }
}

Counts own_part(const Dataset& data,
                std::span<const EqualBins> sets,
                const Weighting& weighting) {
  Counts out;
  for (const auto& set : sets) out.bins.emplace_back(set.bins(), 0.0);
  std::vector<double> weights;
  data.for_each_own_chunk([&](std::uint64_t first, const io::EventTable& chunk) {
    weights.resize(chunk.rows());
    weighting.fill(first, chunk.weights(), weights);
    for (std::size_t s = 0; s < sets.size(); ++s)
      count(chunk, first, sets[s], weights, out.bins[s]);
    out.events += pairwise_sum(weights);
    out.squares += weighted_sum_of(weights.size(), weights.data(), weights.data());
  });
  return out;
}

/// Sets as the numbers of a question.
std::vector<double> numbers_of(std::span<const EqualBins> sets) {
  std::vector<double> out;
  for (const auto& set : sets) {
    out.insert(out.end(),
               {static_cast<double>(set.first_column),
                static_cast<double>(set.per_axis),
                static_cast<double>(set.outside),
                static_cast<double>(set.lo.size())});
    out.insert(out.end(), set.lo.begin(), set.lo.end());
    out.insert(out.end(), set.hi.begin(), set.hi.end());
  }
  return out;
}

std::vector<EqualBins> sets_from(const std::vector<double>& numbers) {
  std::vector<EqualBins> out;
  for (std::size_t i = 0; i < numbers.size();) {
    EqualBins& set = out.emplace_back();
    set.first_column = static_cast<std::size_t>(numbers[i]);
    set.per_axis = static_cast<std::size_t>(numbers[i + 1]);
    set.outside = static_cast<Outside>(static_cast<int>(numbers[i + 2]));
    const auto axes = static_cast<std::size_t>(numbers[i + 3]);
    const std::span rest = std::span(numbers).subspan(i + 4, 2 * axes);
    set.lo.assign(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(axes));
    set.hi.assign(rest.begin() + static_cast<std::ptrdiff_t>(axes), rest.end());
    i += 4 + 2 * axes;
  }
  return out;
}

}  // namespace

EqualBins::EqualBins(const std::vector<Axis>& axes,
                     std::size_t first,
                     std::size_t bins_per_axis,
                     Outside far)
    : first_column(first), per_axis(bins_per_axis), outside(far) {
  for (const auto& axis : axes) {
    lo.push_back(axis.lo);
    hi.push_back(axis.hi);
  }
}

std::size_t EqualBins::bins() const {
  std::size_t out = 1;
  for (std::size_t a = 0; a < lo.size(); ++a) out *= per_axis;
  return out;
}

Counts counted(const Dataset& data,
               std::span<const EqualBins> sets,
               const Weighting& weighting) {
  const Spread* spread = data.spread();
  if (!spread) return own_part(data, sets, weighting);
  expect(weighting.replica == 0 && spread->others(), "rank 0 counts spread events once");
  auto asked = spread->others()->ask(to_bytes({Topic::count, numbers_of(sets)}));
  Counts out = own_part(data, sets, weighting);
  for (const auto& answer : asked.get()) {
    const auto more = unpacked<double>(answer);
    std::size_t at = 0;
    for (auto& bins : out.bins)
      for (double& n : bins) n += more.at(at++);
  }
  out.events = out.squares = static_cast<double>(data.rows());
  return out;
}

std::vector<double> own_counts(const Dataset& data, const std::vector<double>& numbers) {
  std::vector<double> out;
  for (const auto& bins : own_part(data, sets_from(numbers), {}).bins)
    out.insert(out.end(), bins.begin(), bins.end());
  return out;
}

}  // namespace femto
