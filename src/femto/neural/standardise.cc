#include "femto/neural/standardise.h"

#include <algorithm>
#include <cmath>

#include "femto/core/error.h"
#include "femto/core/hash.h"
#include "femto/core/sum.h"

namespace femto::neural {
namespace {

double position(const ColumnScale& c, double x) {
  return (x - c.lo) / (c.hi - c.lo);
}

}  // namespace

double Standardiser::apply(std::size_t column, double x) const {
  const auto& c = columns_[column];
  if (scaling_ == Scaling::log_odds) {
    const double u = std::clamp(position(c, x), log_odds_edge, 1 - log_odds_edge);
    x = std::log(u / (1 - u));
  }
  return (x - c.mean) / c.sd;
}

double Standardiser::slope(std::size_t column, double x) const {
  const auto& c = columns_[column];
  if (scaling_ != Scaling::log_odds) return 1 / c.sd;
  const double u = position(c, x);
  if (u <= log_odds_edge || u >= 1 - log_odds_edge) return 0;
  return 1 / (u * (1 - u) * (c.hi - c.lo) * c.sd);
}

std::string Standardiser::hash() const {
  return checksum({reinterpret_cast<const char*>(columns_.data()),
                   columns_.size() * sizeof(ColumnScale)});
}

Standardiser Standardiser::fit(Scaling scaling,
                               const Theory& theory,
                               const Dataset& data) {
  std::vector<ColumnScale> columns;
  for (const auto& channel : theory.channels())
    for (const auto& axis : channel.axes)
      columns.push_back({.lo = axis.lo, .hi = axis.hi});
  const Standardiser raw(scaling, columns);
  if (scaling == Scaling::none) return raw;
  std::vector<CompensatedSum> sum(columns.size()), squares(columns.size());
  std::uint64_t n = 0;
  data.for_each_chunk([&](std::uint64_t, const io::EventTable& chunk) {
    n += chunk.rows();
    for (std::size_t c = 0; c < columns.size(); ++c)
      for (const double x : chunk.column(c)) {
        const double z = raw.apply(c, x);
        sum[c].add(z);
        squares[c].add(z * z);
      }
  });
  if (n < 2) throw DataError("networks need at least two events to find their scale");
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const double mean = sum[c].value() / static_cast<double>(n);
    const double variance = squares[c].value() / static_cast<double>(n) - mean * mean;
    if (!(variance > 0))
      throw DataError(fmt::format(
          "column '{}' has the same value in all events (a network needs its spread)",
          columns_of(theory)[c]));
    columns[c].mean = mean;
    columns[c].sd = std::sqrt(variance);
  }
  return {scaling, columns};
}

}  // namespace femto::neural
