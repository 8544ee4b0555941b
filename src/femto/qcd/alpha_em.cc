#include "femto/qcd/alpha_em.h"

#include <cmath>
#include <numbers>

#include "femto/core/error.h"
#include "femto/qcd/kinematics.h"

namespace femto::qcd {

namespace {

/// Vacuum polarisation by a lepton at spacelike Q2, times 3 pi/alpha: exact at one loop.
double by_lepton(double q2, double mass) {
  const double r = 4 * mass * mass / q2, root = std::sqrt(1 + r);
  return r - 5.0 / 3 + (1 - r / 2) * root * std::log((root + 1) * (root + 1) / r);
}

/// A + B ln(1 + C Q2), fitted in three ranges.
double by_hadrons(double q2) {
  if (q2 < 9) return 0.00238 * std::log1p(3.927 * q2);
  return q2 < 1e4 ? 0.00165 + 0.00299 * std::log1p(q2)
                  : 0.00221 + 0.00293 * std::log1p(q2);
}

}  // namespace

double running_alpha_em(double q2) {
  if (!(q2 >= 1 && q2 <= 1e6))
    fail("the electromagnetic coupling at Q2 = {} GeV2 (known from 1 to 1e6)", q2);
  constexpr double electron = 0.00051099895, muon = 0.1056583755, tau = 1.77686;
  double leptons = 0;
  for (const double mass : {electron, muon, tau}) leptons += by_lepton(q2, mass);
  leptons *= alpha_em_zero / (3 * std::numbers::pi);
  return alpha_em_zero / (1 - leptons - by_hadrons(q2));
}

}  // namespace femto::qcd
