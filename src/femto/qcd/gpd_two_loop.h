// Evolution kernels of generalised parton distributions at next-to-leading order.
#pragma once
#include "femto/qcd/gpd_kernels.h"

namespace femto::qcd {

/// Kernels (to x, from y) of order (alpha_s/2 pi)^2; `_n` multiplies the number of
/// flavours.
///
///   quarks, odd functions of x    ns + n ns_n + crossed
///   quarks, even functions        ns + n ns_n - crossed
///   the sum over quarks, besides  n qq_n
///   from gluons to quarks         n qg_n
///   from quarks to gluons         gq + n gq_n
///   gluons                        gg + n gg_n
///
/// Those of quarks and gluons to themselves are plus distributions, [K(x, y)]_+ = K(x, y)
/// - delta(x - y) int dz K(z, y), see also two_loop_deltas; qq_n is not.
struct TwoLoopKernels {
  double leading = 0;  // the quarks' kernel of leading order
  double ns = 0, ns_n = 0, crossed = 0;
  double qq_n = 0, qg_n = 0, gq = 0, gq_n = 0, gg = 0, gg_n = 0;
};

/// At skewness xi, for x > 0 inside or outside of xi, any y != x. `gap` = y - x, exact
/// where it is small. MS-bar; the source's theta functions of y > 1 - x are mirrored,
/// which makes kernels valid between functions of one parity only.
///
/// Source: Belitsky:2000 Eqs. (174) and (177) to (185). The factor 1/2 before the axial
/// C_F^2 term from quarks to gluons is what forward limit and conformal anomaly demand.
TwoLoopKernels two_loop_kernels(
    Helicity helicity, double xi, double x, double y, double gap);

/// What multiplies delta(x - y) besides: of odd minus even quarks, half of it in
/// `crossed`, the other half in `ns`; of gluons.
TwoLoopKernels two_loop_deltas(Helicity helicity);

/// The 1/(y - x) of ns, ns_n (and with C_A instead of C_F of gg, gg_n) is this times that
/// of the leading order.
/// Source: Ellis:1996 section 4.3.
TwoLoopKernels two_loop_cusp();

}  // namespace femto::qcd
