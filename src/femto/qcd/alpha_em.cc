#include "femto/qcd/alpha_em.h"

#include <cmath>
#include <numbers>

#include "femto/core/error.h"
#include "femto/qcd/kinematics.h"

namespace femto::qcd {

double running_alpha_em(double q2) {
  if (!(q2 >= 1 && q2 <= 1e6))
    fail("the electromagnetic coupling at Q2 = {} GeV2 (known from 1 to 1e6)", q2);
  constexpr double electron = 0.00051099895, muon = 0.1056583755, tau = 1.77686;
  double leptons = 0;
  for (const double mass : {electron, muon, tau})
    leptons += std::log(q2 / (mass * mass)) - 5.0 / 3;
  leptons *= alpha_em_zero / (3 * std::numbers::pi);
  const double level = std::log1p(q2);
  const double hadrons = q2 < 9 ? 0.00165 + 0.00299 * level : 0.00221 + 0.00293 * level;
  return alpha_em_zero / (1 - leptons - hadrons);
}

}  // namespace femto::qcd
