// Distributions of single columns at given parameters: bin shares and cumulative
// functions.
#pragma once
#include <span>
#include <vector>

#include "femto/pipeline/density.h"

namespace femto {

/// Shares of one channel in bins: [bin], the last axis fastest. `edges` holds the bin
/// edges of every axis. Four Gauss-Legendre points per bin and axis; shares are divided
/// by their sum, so edges should span the support.
std::vector<double> bin_shares(const Density& density,
                               std::size_t channel,
                               std::span<const double> theta,
                               const std::vector<std::vector<double>>& edges);

/// The shares summed over all axes but one: [bin of `axis`].
std::vector<double> marginal_shares(const Density& density,
                                    std::size_t channel,
                                    std::span<const double> theta,
                                    std::size_t axis,
                                    const std::vector<double>& edges);

/// n + 1 edges from lo to hi, equally spaced in x.
std::vector<double> equal_edges(const Axis& axis, std::size_t n);

/// n + 1 edges, equally spaced in the graded coordinate: fine where the density needs it.
std::vector<double> graded_edges(const Axis& axis, std::size_t n);

/// F(x) of one column: quadrature at 2000 graded edges (500 where other axes are
/// integrated out), a cubic between them.
class Cumulative {
 public:
  Cumulative(const Density& density,
             std::size_t channel,
             std::span<const double> theta,
             std::size_t axis);

  double operator()(double x) const;

 private:
  std::vector<double> edges_, below_, slope_;
};

}  // namespace femto
