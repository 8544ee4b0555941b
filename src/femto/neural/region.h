// The part of parameter space that the data leave open, in coordinates of order one.
#pragma once
#include <span>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/pipeline/parameter_setup.h"

namespace femto::neural {

/// z = forward (theta - centre), theta = centre + backward z: one standard deviation of
/// the data, but at most 0.3 widths of the box, is a step of length one. Directions that
/// the data do not determine have no coordinate; see `Slice`.
struct Region {
  std::vector<double> centre;  // [parameter]
  Matrix forward;              // [coordinate, parameter]
  Matrix backward;             // [parameter, coordinate]
  double radius = 5;           // |z| up to which it is explored

  std::size_t size() const { return forward.rows; }

  std::vector<double> z_of(std::span<const double> theta) const;
  std::vector<double> theta_of(std::span<const double> z) const;
};

/// From the information of the data at `centre`, [parameter, parameter], which moves
/// along directions without information to the point nearest the start.
Region region_of(const ParameterSetup& setup,
                 std::vector<double> centre,
                 const Matrix& information,
                 double radius);

/// Point `number` of the region, the same for the same seed: in a random direction,
/// uniform in its length, moved towards the centre where it would leave the box. 2 k and
/// 2 k + 1 have opposite directions: [coordinate].
std::vector<double> region_point(const Region& region,
                                 const ParameterSetup& setup,
                                 std::uint64_t seed,
                                 std::uint64_t number);

}  // namespace femto::neural
