// Where knowledge of the parameters comes from: events, or what was known before them.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/pipeline/density.h"
#include "femto/pipeline/objective.h"
#include "femto/pipeline/parameter_setup.h"

namespace femto {

/// Below this share of what was known before, events say next to nothing.
inline constexpr double null_share = 1e-3;

/// Combinations of the free parameters in which data (events, norms, counts) and what was
/// known before (priors of the theory, constraints, calibrations) are independent of each
/// other, in the order of falling information of the data.
/// Source: Rodgers:2000 section 2.4, with the expected information of the likelihood in
/// the place of the response.
struct Origin {
  bool any_before = false;          // whether anything was known before
  std::vector<double> information;  // [component] of data over that of before;
                                    // infinite where nothing was known
  Matrix patterns;  // [parameter, component]: one standard deviation with both
  std::size_t by_data = 0, by_prior = 0, null = 0;  // above 1, above null_share, the rest
};

/// At `theta`, with `records` events; directions that neither determines are left out.
Origin origin_of(const Density& density,
                 const SideInformation& side,
                 const ParameterSetup& setup,
                 std::span<const double> theta,
                 double records);

/// Coordinates of `theta - from` along the patterns, in standard deviations: [component].
std::vector<double> coordinates(const Origin& origin,
                                const Matrix& total_information,
                                std::span<const double> difference);

/// One sentence, empty if nothing was known before.
std::string words(const Origin& origin);

}  // namespace femto
