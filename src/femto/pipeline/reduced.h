// Coordinates that the data determine, and the information in them.
#pragma once
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "femto/pipeline/spectrum.h"
#include "femto/pipeline/theory.h"

namespace femto {

/// One identifiable coordinate as a combination of named quantities, and its gradient.
struct Coordinate {
  std::vector<std::pair<std::string, double>> combination;
  std::vector<double> gradient;  // [parameter]
};

/// As many coordinates as the rank: free parameters that no null direction moves, then
/// derived quantities with a gradient orthogonal to every null direction, then unit
/// combinations of parameters.
std::vector<Coordinate> reduced_coordinates(const Spectrum& spectrum,
                                            const Theory& theory,
                                            std::span<const double> theta);

/// Information in those coordinates: R^T I R with any right inverse R of their
/// gradients. Which one does not matter, since the null directions carry no information.
Matrix reduced_information(const Matrix& information,
                           const Spectrum& spectrum,
                           const std::vector<Coordinate>& coordinates);

}  // namespace femto
