// Other minima that the data do not exclude.
#pragma once
#include <cstdint>
#include <vector>

#include "femto/pipeline/intervals.h"

namespace femto {

/// Fills `problem.modes` with local minima whose rise is below the 95 % level. Searched
/// by following every profile past that level and falling from there, and from a few
/// random points of the box. A lower minimum becomes the estimate of the problem; true if
/// so.
bool find_modes(IntervalProblem& problem,
                const Fisher& fisher,
                const std::vector<Quantity>& quantities,
                std::uint64_t seed);

}  // namespace femto
