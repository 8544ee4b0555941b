// The dilogarithm of a real number.
#pragma once

namespace femto::qcd {

/// Re Li2(x) = -Re int_0^x ln(1 - u)/u du for any real x; its imaginary part, for x > 1
/// -pi ln x or pi ln x, is left out.
/// Source: DLMF section 25.12.
double dilogarithm(double x);

/// Li2(1 - exp(-t)) for |t| <= ln 2 by its series in t, which gains two digits a term.
/// Source: DLMF Eq. (25.12.2) with the substitution t = -ln(1 - u) and the generating
/// function of the Bernoulli numbers, Eq. (24.2.1).
double dilogarithm_of_logarithm(double t);

}  // namespace femto::qcd
