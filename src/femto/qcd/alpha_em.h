// The running electromagnetic coupling at spacelike momentum transfer.
#pragma once

namespace femto::qcd {

/// alpha_em(Q2) = alpha_em(0)/(1 - Delta), Q2 from 1 to 1e6 GeV2: charged leptons at one
/// loop, hadrons by a fit to e+e- data (two pieces that join at 9 GeV2 to 5e-4).
/// Source: Kleiss:1989, after Burkhardt:1989.
double running_alpha_em(double q2_gev2);

}  // namespace femto::qcd
