#include "femto/pipeline/grid_plan.h"

#include <algorithm>
#include <cmath>

#include "femto/core/error.h"

namespace femto {

void GridPlan::check_finite(std::span<const double> value) {
  if (!std::ranges::all_of(value, [](double v) { return std::isfinite(v); }))
    throw NumericalError("the density on the sampler's grid is not finite everywhere",
                         "look at the parameters: the theory may not be defined there");
}

}  // namespace femto
