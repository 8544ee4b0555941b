// How the cells of a grid get the events of one draw.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "femto/physics/guided_search.h"

namespace femto {

enum class Allocation {
  multinomial,  // every event draws its own cell: independent events
  systematic,   // n_k = n w_k rounded up or down, n in all: for gradients only
  floor,        // in proportion to floor(n w_k): cells that expect less than one get none
};

/// Their names in settings.
constexpr std::array<std::pair<std::string_view, Allocation>, 3> names(Allocation) {
  return {{{"multinomial", Allocation::multinomial},
           {"systematic", Allocation::systematic},
           {"floor", Allocation::floor}}};
}

/// Cells of the n events of one draw. The last two rules give events in the order of the
/// cells. Published codes lose the events that `floor` rounds away; here, where as many
/// are delivered as were asked for, these are drawn again from what the rule has kept.
/// Source: Braga:2025.
class CellAllocation {
 public:
  /// offset: one uniform of the draw, for `systematic`. Throws Error if rounding leaves
  /// every cell without events.
  CellAllocation(const GuidedSearch& search,
                 Allocation rule,
                 std::size_t n,
                 double offset);

  /// cell[m] of events first .. first + m - 1; r[m]: a uniform of each event,
  /// overwritten.
  void find(std::size_t first, std::size_t m, double* r, std::int32_t* cell) const;

 private:
  const GuidedSearch& search_;
  Allocation rule_;
  std::size_t n_;
  double offset_;
  std::shared_ptr<const GuidedSearch> floors_;
};

}  // namespace femto
