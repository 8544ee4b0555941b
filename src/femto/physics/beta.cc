// Incomplete Beta functions, from Boost.
#include "femto/physics/beta.h"

#include <boost/math/special_functions/beta.hpp>

#include "femto/core/error.h"

namespace femto {

double beta(double a, double b) {
  return boost::math::beta(a, b);
}

double beta_integral(double lo, double hi, double p, double q) {
  if (!(p > -1 && q > -1))
    throw NumericalError(
        fmt::format("the integral of t^{} (1 - t)^{} diverges at an end of [0, 1]", p, q),
        "both powers must be above -1");
  if (!(0 <= lo && lo <= hi && hi <= 1))
    throw NumericalError(
        fmt::format("the interval [{}, {}] does not lie inside [0, 1]", lo, hi));
  const double a = p + 1, b = q + 1;
  // Above the mean the complement is the small number: subtract small from small.
  if (lo > a / (a + b))
    return boost::math::betac(a, b, lo) - boost::math::betac(a, b, hi);
  return boost::math::beta(a, b, hi) - boost::math::beta(a, b, lo);
}

}  // namespace femto
