// What the data cannot determine is put where the study started.
#pragma once
#include <span>
#include <vector>

#include "femto/pipeline/solver.h"
#include "femto/pipeline/spectrum.h"
#include "femto/stats/minimise.h"

namespace femto {

/// Moves theta [parameter] along the null directions of `curvature` to the point nearest
/// the start of the setup, in units of the box, as far as the box and an unchanged value
/// of f allow. Without null directions theta comes back as it is.
std::vector<double> nearest_start(const stats::Function& f,
                                  const ParameterSetup& setup,
                                  const Matrix& curvature,
                                  std::span<const double> theta);

/// Parameters that, held, leave nothing undetermined: one for each null direction, the
/// first in the order of the setup that it moves. Which ones does not depend on the data
/// unless the null directions themselves do.
std::vector<std::size_t> gauge_parameters(const Spectrum& spectrum,
                                          const ParameterSetup& setup);

/// The same before any data, where `records` events would be: from the information at a
/// generic point near the start, since a start may be special.
std::vector<std::size_t> generic_gauge(const Task& task, double records);

}  // namespace femto
