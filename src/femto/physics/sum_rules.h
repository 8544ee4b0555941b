// Number and momentum sum rules of shapes N x^a (1 - x)^b on (0, 1).
#pragma once

namespace femto {

/// One-term shape of a parton density.
struct PowerShape {
  double amplitude = 1, a = 0, b = 0;  // N x^a (1 - x)^b
};

/// Number of partons, int_0^1 N x^a (1 - x)^b dx; needs a, b > -1.
double number_of_partons(const PowerShape& shape);

/// Fraction of the momentum they carry, int_0^1 N x^(a+1) (1 - x)^b dx; needs a > -2.
double momentum_fraction(const PowerShape& shape);

/// The amplitude with which the shape holds `number` partons (2 for the valence up quarks
/// of a proton, 1 for the down quark).
double amplitude_for_number(double number, double a, double b);

}  // namespace femto
