// The running electromagnetic coupling at spacelike momentum transfer.
#pragma once

namespace femto::qcd {

/// alpha_em(Q2) = alpha_em(0)/(1 - Delta), Q2 from 1 to 1e6 GeV2: charged leptons at one
/// loop, hadrons by a fit to e+e- data (three pieces that join at 9 and 1e4 GeV2 to
/// 2e-5). Source: Kleiss:1989, after Burkhardt:1989.
double running_alpha_em(double q2_gev2);

}  // namespace femto::qcd
