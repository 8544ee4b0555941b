// Evolution of parton densities from one scale to many (DGLAP), as matrices.
#pragma once
#include <filesystem>
#include <span>
#include <vector>

#include "femto/qcd/coupling.h"
#include "femto/qcd/evolution_plan.h"
#include "femto/qcd/kernels.h"
#include "femto/qcd/operators.h"
#include "femto/qcd/x_grid.h"

namespace femto::qcd {

/// Which evolution: order, coupling with flavour scheme, and scales.
struct EvolutionSettings {
  XGrid::Settings grid;
  Order order = Order::nlo;
  /// One loop belongs to LO and two to NLO; the renormalisation scale is mu.
  StrongCoupling::Settings coupling;
  double start_mu2_gev2 = 2;
  /// Where the densities are wanted; ascending. Scales below the start are possible as
  /// long as no flavour has its threshold between.
  std::vector<double> mu2_gev2;
};

/// Matrices E(start -> mu2) of all flavours, and what one does with them. Densities are
/// momentum densities x f(x) at the nodes of the grid, [flavour, node] with flavours as
/// in flavours.h. Linear in the densities, hence no state: safe from several threads.
///
/// Source: Ellis:1996 section 4.3; thresholds as in Giele:2002 section 1.3: a flavour is
/// zero below its mass and all densities are continuous there (exact at LO and NLO).
class Evolution {
 public:
  /// Integrates kernels and solves the equations. With a `cache` folder the result is
  /// read from there when the same was built before, else kept there; a damaged file is
  /// reported on the log and replaced. Throws Error for impossible settings.
  explicit Evolution(const EvolutionSettings& settings,
                     const std::filesystem::path& cache = {});

  const EvolutionSettings& settings() const { return settings_; }

  const XGrid& grid() const { return grid_; }

  std::size_t scales() const { return settings_.mu2_gev2.size(); }

  /// Flavours active at the start and at a scale.
  int start_flavours() const { return plan_.start_flavours(); }

  int flavours(std::size_t scale) const { return plan_.flavours(scale); }

  /// One matrix between the start and a scale, column-major [node, x]; `heavy` counts the
  /// flavours that joined since, for the two operators that are one for each of them.
  std::span<const double> matrix(std::size_t scale,
                                 Operator op,
                                 std::size_t heavy = 0) const;

  /// Densities at every scale, [scale, flavour, node], from those at the start, [flavour,
  /// node]. Throws Error if a flavour that is not active at the start is not zero there.
  void evolve(std::span<const double> start, std::span<double> out) const;

  /// Gradient with respect to the start, [flavour, node], from that with respect to the
  /// result of evolve, [scale, flavour, node]: E^T g, added up over the scales. Zero for
  /// flavours not active at the start.
  void pull_back(std::span<const double> gradient, std::span<double> at_start) const;

 private:
  EvolutionSettings settings_;
  XGrid grid_;
  EvolutionPlan plan_;
  std::vector<double> numbers_;  // [scale][matrix, node, x]
};

}  // namespace femto::qcd
