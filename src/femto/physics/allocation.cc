#include "femto/physics/allocation.h"

#include <cmath>

#include <fmt/format.h>

#include "femto/core/error.h"

namespace femto {
namespace {

/// Cells weighted by floor(weight * n).
std::shared_ptr<const GuidedSearch> rounded_down(const GuidedSearch& search, double n) {
  const auto sums = search.sums();
  std::vector<double> counts{0.0};
  for (std::size_t k = 0; k < search.cells(); ++k)
    counts.push_back(counts.back() +
                     std::floor((sums[k + 1] - sums[k]) / search.total() * n));
  if (!(counts.back() > 0))
    throw Error(
        fmt::format("allocation 'floor' of {} events leaves each of {} cells without any",
                    n,
                    search.cells()),
        "draw more events, choose fewer 'nodes', or another 'allocation'");
  return std::make_shared<const GuidedSearch>(std::move(counts));
}

}  // namespace

CellAllocation::CellAllocation(const GuidedSearch& search,
                               Allocation rule,
                               std::size_t n,
                               double offset)
    : search_(search), rule_(rule), n_(n), offset_(offset) {
  if (rule == Allocation::floor) floors_ = rounded_down(search, static_cast<double>(n));
}

void CellAllocation::find(std::size_t first,
                          std::size_t m,
                          double* r,
                          std::int32_t* cell) const {
  const auto event = [&](std::size_t i) { return static_cast<double>(first + i); };
  if (rule_ == Allocation::systematic)
    for (std::size_t i = 0; i < m; ++i)
      r[i] = (event(i) + offset_) / static_cast<double>(n_);
  if (rule_ == Allocation::floor)
    for (std::size_t i = 0; i < m; ++i)
      if (event(i) < floors_->total()) r[i] = (event(i) + 0.5) / floors_->total();
  (floors_ ? *floors_ : search_).find(n_, m, r, cell);
}

}  // namespace femto
