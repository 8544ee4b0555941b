#include "femto/qcd/gauss.h"

#include <cmath>

#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/special_functions/legendre.hpp>

#include "femto/core/error.h"

namespace femto::qcd {
namespace {

template <unsigned points>
const UnitRule& rule_of() {
  static_assert(points % 2 == 0, "an odd rule lists its midpoint once");
  static const UnitRule rule = [] {
    using Gauss = boost::math::quadrature::gauss<double, points>;
    UnitRule r;
    for (std::size_t k = points / 2; k-- > 0;) {
      r.t.push_back(0.5 - 0.5 * Gauss::abscissa()[k]);
      r.weight.push_back(0.5 * Gauss::weights()[k]);
    }
    for (std::size_t k = 0; k < points / 2; ++k) {
      r.t.push_back(0.5 + 0.5 * Gauss::abscissa()[k]);
      r.weight.push_back(0.5 * Gauss::weights()[k]);
    }
    return r;
  }();
  return rule;
}

}  // namespace

const UnitRule& unit_rule(std::size_t points) {
  switch (points) {
    case 16:
      return rule_of<16>();
    case 20:
      return rule_of<20>();
    case 30:
      return rule_of<30>();
    default:
      throw Bug("no Gauss-Legendre rule of this order is kept");
  }
}

UnitRule gauss_legendre(std::size_t points) {
  const int n = static_cast<int>(points);
  const auto zeros = boost::math::legendre_p_zeros<double>(n);  // those >= 0, ascending
  UnitRule rule;
  const auto add = [&](double z) {
    const double p = boost::math::legendre_p_prime(n, z);
    rule.t.push_back(0.5 + 0.5 * z);
    rule.weight.push_back(1 / ((1 - z * z) * p * p));
  };
  for (std::size_t k = zeros.size(); k-- > 0;)
    if (zeros[k] != 0) add(-zeros[k]);
  for (const double z : zeros) add(z);
  return rule;
}

}  // namespace femto::qcd
