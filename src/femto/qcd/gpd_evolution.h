// Evolution of generalised parton distributions from one scale to many, as matrices.
#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "femto/qcd/coupling.h"
#include "femto/qcd/evolution_plan.h"
#include "femto/qcd/gpd_grid.h"
#include "femto/qcd/gpd_kernels.h"

namespace femto::qcd {

/// Which evolution.
struct GpdEvolutionSettings {
  Order order = Order::lo;
  Helicity helicity = Helicity::vector;
  std::vector<double> xi;  // skewness of each grid
  std::size_t nodes = 30;  // between x = 0 and 1
  /// One loop belongs to LO and two to NLO; the renormalisation scale is mu.
  StrongCoupling::Settings coupling = {.loops = 1};
  double start_mu2_gev2 = 4;
  /// Where the distributions are wanted; ascending.
  std::vector<double> mu2_gev2;
};

/// Matrices E(start -> mu2) at every skewness, and what one does with them. Momentum
/// transfer t does not enter. Distributions are values at the nodes 0 < x < 1, [xi,
/// flavour, node] with flavours as in flavours.h: a quark's row holds H^q(x), the
/// antiquark's row -H^q(-x) (vector) or +H^q(-x) (axial), so both become densities at xi
/// = 0; the gluon's row holds H^g(x), which becomes x g(x). Linear, hence no state: safe
/// from several threads.
///
/// Source: Belitsky:2000, Freese:2025; thresholds as in Evolution.
class GpdEvolution {
 public:
  /// Integrates kernels and solves the equations, or reads both from the folder `cache`
  /// as Evolution does. Throws Error for impossible settings.
  explicit GpdEvolution(const GpdEvolutionSettings& settings,
                        const std::filesystem::path& cache = {});

  const GpdEvolutionSettings& settings() const { return settings_; }

  std::size_t skewnesses() const { return grids_.size(); }

  std::size_t scales() const { return settings_.mu2_gev2.size(); }

  const GpdGrid& grid(std::size_t skewness) const { return grids_[skewness]; }

  /// The matrices at one skewness and scale; see Operator for what they act on.
  ScaleOperators at(std::size_t skewness, std::size_t scale) const;

  /// Distributions at every scale, [scale, xi, flavour, node], from those at the start,
  /// [xi, flavour, node]. Throws Error if a flavour that is not active at the start is
  /// not zero there.
  void evolve(std::span<const double> start, std::span<double> out) const;

  /// Gradient with respect to the start from that with respect to the result of evolve:
  /// E^T g, added up over the scales. Nothing is kept between the two.
  void pull_back(std::span<const double> gradient, std::span<double> at_start) const;

 private:
  GpdEvolutionSettings settings_;
  std::vector<GpdGrid> grids_;
  EvolutionPlan plan_;
  std::vector<double> numbers_;  // [xi][scale][matrix, node, x]
};

}  // namespace femto::qcd
