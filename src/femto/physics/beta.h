// Integrals of t^p (1 - t)^q in closed form.
#pragma once

namespace femto {

/// B(a, b) for a, b > 0.
double beta(double a, double b);

/// int_lo^hi t^p (1 - t)^q dt for 0 <= lo <= hi <= 1 and p, q > -1: an incomplete Beta
/// function, taken from the end that loses no digits.
/// Source: DLMF Eqs. (8.17.1), (8.17.2) and (8.17.4).
double beta_integral(double lo, double hi, double p, double q);

}  // namespace femto
