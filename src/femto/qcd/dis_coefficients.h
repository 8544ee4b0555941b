// Coefficient functions of inclusive deep-inelastic scattering by photon exchange.
#pragma once
#include <cstddef>
#include <span>

#include "femto/qcd/convolution.h"

namespace femto::qcd {

/// Functions of z of order alpha_s/(2 pi), massless quarks, MS-bar, mu = Q:
///   F2/x = sum_q e_q^2 { q+ + a [ f2_quark (x) q+ + f2_gluon (x) g ] }
///   FL/x = sum_q e_q^2 a [ fl_quark (x) q+ + fl_gluon (x) g ]
/// with q+ = q + antiquark; the gluon's count quark and antiquark.
/// Source: Ellis:1996 section 4.4.
enum class Coefficient : std::size_t { f2_quark, f2_gluon, fl_quark, fl_gluon };

constexpr std::size_t coefficient_count = 4;

Singular singular_part(Coefficient coefficient);

/// All four at 0 < z < 1, see KernelValues.
void evaluate_coefficients(double z, double one_minus_z, std::span<double> values);

}  // namespace femto::qcd
