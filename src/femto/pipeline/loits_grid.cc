// Grids of LOITS and sums over them.
#include "femto/pipeline/loits_grid.h"

#include <algorithm>

#include "femto/core/vector_sums.h"
#include "femto/core/vmath.h"

namespace femto {

std::vector<double> equally_spaced(const Axis& axis, std::size_t count, double offset) {
  std::vector<double> ticks(count);
  for (std::size_t i = 0; i < count; ++i)
    ticks[i] = axis.lo + (axis.hi - axis.lo) * (static_cast<double>(i) + offset) /
                             (static_cast<double>(count) - 1 + 2 * offset);
  return ticks;
}

LoitsGrid::LoitsGrid(const Theory& theory,
                     std::size_t channel,
                     LoitsVariant kind,
                     std::size_t nodes,
                     std::size_t points)
    : variant(kind), axes(theory.channels()[channel].axes) {
  cells.axes = axes.size();
  cells.cells = nodes - 1;
  cells.points = points;
  for (std::size_t a = 0; a < axes.size(); ++a)
    cells.lo[a] = axes[a].lo, cells.hi[a] = axes[a].hi;
  const auto grid_of = [&](auto&& count, double offset) {
    std::vector<std::vector<double>> ticks;
    for (std::size_t a = 0; a < axes.size(); ++a)
      ticks.push_back(equally_spaced(axes[a], count(a), offset));
    return feature_grid(theory, channel, ticks);
  };
  if (variant == LoitsVariant::corner) {
    curves.push_back(grid_of([&](std::size_t) { return nodes; }, 0));
    return;
  }
  const auto fine = cells.cells * (cells.points - 1) + 1;
  for (std::size_t along = 0; along < axes.size(); ++along)
    curves.push_back(
        grid_of([&](std::size_t a) { return a == along ? fine : nodes; }, 0));
  middles = grid_of([&](std::size_t) { return cells.cells; }, 0.5);
}

std::size_t LoitsGrid::size() const {
  std::size_t all = middles ? middles->size : 0;
  for (const auto& grid : curves) all += grid.size;
  return all;
}

double LoitsGrid::values(const Theory& theory,
                         std::size_t channel,
                         std::span<const double> theta,
                         std::span<double> value) const {
  double* next = value.data();
  const auto add = [&](const FeatureGrid& grid) {
    evaluate_on(grid, theory, channel, theta, next, nullptr);
    next += grid.size;
  };
  for (const auto& grid : curves) add(grid);
  if (middles) add(*middles);
  const double top = largest_of(value.size(), value.data());
  for (double& v : value) v -= top;
  vmath::exp(value.size(), value.data(), value.data());
  return top;
}

void LoitsGrid::add_slopes(const Theory& theory,
                           std::size_t channel,
                           std::span<const double> theta,
                           std::span<const double> weighted,
                           double* slope) const {
  std::size_t first = 0;
  for (const auto& grid : curves) {
    femto::add_slopes(
        grid, theory, channel, theta, weighted.subspan(first, grid.size), slope);
    first += grid.size;
  }
}

std::vector<double> LoitsGrid::weights(std::span<const double> value) const {
  if (middles) {
    const auto at = value.last(middles->size);
    return {at.begin(), at.end()};
  }
  const std::size_t n = cells.cells;
  std::vector<double> means;
  if (axes.size() == 1) {
    for (std::size_t i = 0; i < n; ++i) means.push_back(0.5 * (value[i] + value[i + 1]));
    return means;
  }
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      const double* low = &value[i * (n + 1) + j];
      const double* high = low + n + 1;
      means.push_back(0.25 * (low[0] + low[1] + high[0] + high[1]));
    }
  return means;
}

}  // namespace femto
