#include "femto/physics/guided_search.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "femto/core/error.h"

namespace femto {

GuidedSearch::GuidedSearch(std::vector<double> sums) : sums_(std::move(sums)) {
  prepare();
}

void GuidedSearch::prepare() {
  expect(sums_.size() >= 2 && sums_.back() > 0, "a search needs cells with probability");
  std::size_t k = cells() - 1;
  while (!(sums_[k + 1] > sums_[k])) --k;
  last_ = static_cast<std::int32_t>(k);
  guide_->built = false;
}

void GuidedSearch::build_guide() const {
  const std::lock_guard lock(guide_->building);
  if (guide_->built) return;
  // Parts of half a cell on average: most searches then end where they start or one on.
  const std::size_t parts = std::bit_ceil(std::max<std::size_t>(2 * sums_.size(), 2048));
  guide_->start.resize(parts);
  std::int32_t k = 0;
  for (std::size_t p = 0; p < parts; ++p) {
    // A power of two: exact, so no uniform of this part lies before the cell.
    const double r = static_cast<double>(p) / static_cast<double>(parts) * total();
    while (k < last_ && sums_[static_cast<std::size_t>(k) + 1] <= r) ++k;
    guide_->start[p] = k;
  }
  guide_->ends.assign(sums_.begin() + 1, sums_.end());
  guide_->ends[static_cast<std::size_t>(last_)] = std::numeric_limits<double>::infinity();
  guide_->built = true;
}

void GuidedSearch::find(std::size_t long_draw,
                        std::size_t n,
                        const double* u,
                        std::int32_t* cell) const {
  const double all = total();
  if (long_draw < std::max<std::size_t>(sums_.size(), 1024)) {
    const double* ends = sums_.data() + 1;
    for (std::size_t i = 0; i < n; ++i) {
      const double r = u[i] * all;
      std::int32_t k = 0;
      for (std::int32_t length = last_ + 1; length > 1;) {
        const std::int32_t half = length / 2;
        k += ends[k + half - 1] <= r ? half : 0;  // no branch to guess wrong
        length -= half;
      }
      cell[i] = k;
    }
    return;
  }
  if (!guide_->built) build_guide();
  const std::int32_t* start = guide_->start.data();
  const double* stop = guide_->ends.data();
  const auto parts = static_cast<double>(guide_->start.size());
  for (std::size_t i = 0; i < n; ++i) {
    const double r = u[i] * all;
    auto k = static_cast<std::size_t>(start[static_cast<std::int32_t>(u[i] * parts)]);
    k += stop[k] <= r;         // as often as not: no branch to guess wrong
    while (stop[k] <= r) ++k;  // seldom
    cell[i] = static_cast<std::int32_t>(k);
  }
}

}  // namespace femto
