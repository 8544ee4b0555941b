// The information of data and of what was known before, made diagonal together.
#include "femto/pipeline/origin.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "femto/pipeline/spectrum.h"
#include "femto/stats/linear.h"

namespace femto {

Origin origin_of(const Density& density,
                 const SideInformation& side,
                 const ParameterSetup& setup,
                 std::span<const double> theta,
                 double records) {
  Origin out;
  out.any_before = !side.constraints.empty();
  SideInformation seen = side;
  seen.constraints.clear();
  const Matrix data = expected_information(density, seen, records, theta);
  stats::Evaluation before;
  before.gradient.assign(theta.size(), 0.0);
  before.curvature = Matrix(theta.size(), theta.size());
  for (const auto& c : side.constraints) add_constraint(c, theta, before);
  Matrix both = data;
  stats::add(both, 1, before.curvature);
  // In the columns of `factor` all is known to one standard deviation, and the data's
  // part of that is between 0 and 1.
  const auto s = spectrum(both, setup.fixed);
  const auto share =
      stats::multiply(stats::transpose(s.factor), stats::multiply(data, s.factor));
  const auto eigen = stats::eigen_symmetric(share);
  const std::size_t n = eigen.values.size();
  Matrix falling(n, n);
  for (std::size_t k = 0; k < n; ++k) {
    const double part = std::clamp(eigen.values[n - 1 - k], 0.0, 1.0);
    const double information =
        part < 1 ? part / (1 - part) : std::numeric_limits<double>::infinity();
    out.information.push_back(information);
    ++(information > 1            ? out.by_data
       : information > null_share ? out.by_prior
                                  : out.null);
    for (std::size_t i = 0; i < n; ++i) falling(i, k) = eigen.vectors(i, n - 1 - k);
  }
  out.patterns = stats::multiply(s.factor, falling);
  return out;
}

std::vector<double> coordinates(const Origin& origin,
                                const Matrix& total_information,
                                std::span<const double> difference) {
  return stats::multiply(stats::transpose(origin.patterns),
                         stats::multiply(total_information, difference));
}

std::string words(const Origin& o) {
  if (!o.any_before) return {};
  return fmt::format(
      "Of {} combinations of the free parameters the data determine {}: about these they "
      "say more than what was known before (priors, constraints, calibrations). {} more "
      "are shaped by the data but mostly by what was known before, and {} are null: what "
      "a fit says of them was put in, not measured.",
      o.information.size(),
      o.by_data,
      o.by_prior,
      o.null);
}

}  // namespace femto
