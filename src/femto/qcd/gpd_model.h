// A published model of the distribution H of the proton, from double distributions.
#pragma once
#include <array>
#include <cstddef>
#include <span>

#include "femto/qcd/gpd_grid.h"

namespace femto::qcd {

/// H of the proton by Goloskokov and Kroll: densities at Q2, spread over the skewness by
/// a double distribution, and exp[(b + alpha' ln(1/beta)) t] for the momentum transfer.
/// Flavours: up and down valence, a sea that is alike for up and down and kappa_s times
/// smaller for strange, gluons; no charm.
///
/// Source: Kroll:2013 appendix (parameters, at Q2 near 4 GeV2); Goloskokov:2007 (model).
class GoloskokovKroll {
 public:
  enum class Part : std::size_t { up_valence, down_valence, strange, gluon };

  /// `t_gev2` <= 0. Throws Error for a scale outside 1 to 100 GeV2 or positive t.
  explicit GoloskokovKroll(double q2_gev2 = 4, double t_gev2 = 0);

  /// H of one part at -1 < x < 1, 0 <= xi <= 1, x not at +-xi for small xi. Valence
  /// vanishes below -xi; the strange quark's H is odd in x, the gluon's even with forward
  /// limit x g(x).
  double at(Part part, double x, double xi) const;

  /// The density that the part becomes at xi = 0, t = 0, for beta > 0: q(beta), g(beta).
  double density(Part part, double beta) const;

  /// Ratio of the up or down sea to the strange one.
  double sea_ratio() const { return sea_ratio_; }

  /// Rows of GpdEvolution at the nodes of a grid, [flavour, node].
  void fill(const GpdGrid& grid, std::span<double> rows) const;

 private:
  struct Shape {
    std::array<double, 4> c{};    // of beta^(j/2)
    double delta = 0;             // beta^-delta
    int profile = 1;              // power of the double distribution's profile
    double slope = 0, regge = 0;  // b and alpha', GeV^-2
  };

  /// h(beta) exp(...) (1 - beta)^-(2 n + 1): what multiplies the profile's polynomial.
  double strength(const Shape& shape, double beta) const;

  std::array<Shape, 4> shapes_;
  double t_;
  double sea_ratio_;
};

}  // namespace femto::qcd
