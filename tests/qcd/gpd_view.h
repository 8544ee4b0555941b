// Looking at what an evolution of generalised parton distributions made of a smooth
// start.
#pragma once
#include <cmath>
#include <span>
#include <vector>

#include "gpd_moments.h"

#include "femto/qcd/flavours.h"
#include "femto/qcd/gpd_evolution.h"

namespace femto::qcd::gpd_moments {

inline std::vector<double> evolved(const GpdEvolution& e,
                                   const std::vector<double>& start) {
  std::vector<double> out(e.scales() * start.size());
  e.evolve(start, out);
  return out;
}

/// One skewness at one scale: [flavour, node].
struct View {
  const GpdGrid& grid;
  std::span<const double> values;

  /// Combinations whose forward limit are q + qbar and q - qbar.
  double pair(int q, double sign, std::size_t i) const {
    return values[flavour_row(q) * grid.size() + i] +
           sign * values[flavour_row(-q) * grid.size() + i];
  }

  double sum(std::size_t i) const {
    double all = 0;
    for (int q = 1; q <= 6; ++q) all += pair(q, 1, i);
    return all;
  }

  double gluon(std::size_t i) const { return values[flavour_row(0) * grid.size() + i]; }

  template <class F>
  double moment(int n, double lambda, const F& f) const {
    double all = 0;
    for (std::size_t i = 0; i < grid.size(); ++i)
      all += grid.weights()[i] * f(i) * gegenbauer(n, lambda, grid.x()[i] / grid.xi());
    return all;
  }
};

inline View view(const GpdEvolution& e,
                 const std::vector<double>& values,
                 std::size_t xi,
                 std::size_t scale = 0) {
  const std::size_t size = flavour_rows * e.settings().nodes;
  return {e.grid(xi),
          std::span(values).subspan((scale * e.skewnesses() + xi) * size, size)};
}

/// q +- qbar with the parities that `helicity` asks for, smooth in -1 < x < 1.
inline std::vector<double> smooth_start(const GpdEvolution& e, Helicity helicity) {
  std::vector<double> out;
  const bool vector = helicity == Helicity::vector;
  for (std::size_t k = 0; k < e.skewnesses(); ++k)
    for (int id = -6; id <= 6; ++id)
      for (const double x : e.grid(k).x()) {
        const double odd = x * std::pow(1 - x * x, 3), even = std::pow(1 - x * x, 4);
        const double plus = vector ? odd : even, minus = vector ? even : odd;
        const int q = std::abs(id);
        if (q > 4)
          out.push_back(0);
        else if (q == 0)
          out.push_back(vector ? even : odd);
        else
          out.push_back(0.5 * q * (plus + (id > 0 ? 0.7 : -0.7) * minus));
      }
  return out;
}

}  // namespace femto::qcd::gpd_moments
