// Gauss-Legendre points on [0, 1].
#pragma once
#include <cstddef>
#include <vector>

namespace femto::qcd {

/// int_0^1 f = sum_k weight[k] f(t[k]), t ascending.
/// Source: DLMF section 3.5(v).
struct UnitRule {
  std::vector<double> t, weight;

  std::size_t size() const { return t.size(); }
};

/// The rule of 16, 20 or 30 points.
const UnitRule& unit_rule(std::size_t points);

/// The rule of any number of points, computed anew.
UnitRule gauss_legendre(std::size_t points);

}  // namespace femto::qcd
