// Interpolation of LHAPDF6 grids.
#include "femto/qcd/lhapdf.h"

#include <algorithm>
#include <cmath>

#include "femto/core/error.h"

namespace femto::qcd {
namespace {

/// The cell of v in ascending knots.
std::size_t cell_of(const std::vector<double>& knots, double v) {
  const auto above = std::upper_bound(knots.begin(), knots.end(), v) - knots.begin();
  return std::clamp<std::size_t>(static_cast<std::size_t>(above), 1, knots.size() - 1) -
         1;
}

/// Cubic through values at the ends of cell i of knots in u, with slopes from the cells
/// around: the mean of those on both sides, at an end that of the one cell.
template <class Value>
double cubic(const std::vector<double>& knots, double v, const Value& value) {
  const std::size_t i = cell_of(knots, v), last = knots.size() - 1;
  const auto u = [&](std::size_t k) { return std::log(knots[k]); };
  const double h = u(i + 1) - u(i), t = (std::log(v) - u(i)) / h;
  const double lo = value(i), hi = value(i + 1), rise = hi - lo;
  if (last < 3) return lo + t * rise;  // too few knots for slopes
  const double before =
      i > 0 ? 0.5 * (rise + (lo - value(i - 1)) * h / (u(i) - u(i - 1))) : rise;
  const double after =
      i + 1 < last ? 0.5 * (rise + (value(i + 2) - hi) * h / (u(i + 2) - u(i + 1)))
                   : rise;
  const double t2 = t * t, t3 = t2 * t;
  return (2 * t3 - 3 * t2 + 1) * lo + (t3 - 2 * t2 + t) * before +
         (3 * t2 - 2 * t3) * hi + (t3 - t2) * after;
}

}  // namespace

double LhapdfMember::xf(int flavour, double x, double mu2_gev2) const {
  expect(!subgrids.empty(), "a member without densities");
  if (flavour == 0) flavour = 21;
  // Printed knots carry ten digits: what lies within them counts as inside.
  const auto inside = [](double v, double lo, double hi) {
    return v >= lo * (1 - 1e-9) && v <= hi * (1 + 1e-9);
  };
  const double q = std::sqrt(mu2_gev2);
  const double q_min = subgrids.front().q_gev.front(),
               q_max = subgrids.back().q_gev.back();
  const auto& knots = subgrids.front().x;
  if (!inside(x, knots.front(), knots.back()) || !inside(q, q_min, q_max))
    fail("x = {}, Q = {} GeV lies outside the grid (x {} to {}, Q {} to {} GeV)",
         x,
         q,
         knots.front(),
         knots.back(),
         q_min,
         q_max);
  // At a threshold the subgrid above counts.
  const LhapdfSubgrid* grid = &subgrids.front();
  for (const auto& g : subgrids)
    if (q >= g.q_gev.front() * (1 - 1e-9)) grid = &g;
  const auto found = std::find(grid->flavours.begin(), grid->flavours.end(), flavour);
  if (found == grid->flavours.end()) return 0;
  const auto column = static_cast<std::size_t>(found - grid->flavours.begin());
  return cubic(grid->q_gev, q, [&](std::size_t iq) {
    return cubic(grid->x, x, [&](std::size_t ix) {
      return grid->xf[(ix * grid->q_gev.size() + iq) * grid->flavours.size() + column];
    });
  });
}

}  // namespace femto::qcd
