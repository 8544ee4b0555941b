// What an evolution from one scale to many consists of, whatever it acts on.
#pragma once
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "femto/qcd/coupling.h"
#include "femto/qcd/evolution_path.h"
#include "femto/qcd/generators.h"
#include "femto/qcd/scale_operators.h"

namespace femto::qcd {

/// Scales, flavours active there, and where the matrices of each scale lie in one array
/// of numbers.
class EvolutionPlan {
 public:
  /// From `start` to each of `mu2_gev2` (GeV2, ascending), on `nodes` nodes. Scales below
  /// the start are possible as long as no flavour has its threshold between. Throws Error
  /// for impossible settings.
  EvolutionPlan(const StrongCoupling::Settings& coupling,
                double start_mu2_gev2,
                std::span<const double> mu2_gev2,
                std::size_t nodes);

  int start_flavours() const { return flavours_.back(); }

  /// Flavours active at a scale.
  int flavours(std::size_t scale) const { return flavours_[scale]; }

  /// Numbers of all matrices together.
  std::size_t size() const { return offsets_.back(); }

  /// Writes them.
  void build(const std::function<Generators(int flavours)>& generators,
             std::span<double> numbers) const;

  /// The matrices of a scale among `numbers`.
  ScaleOperators at(std::size_t scale, std::span<const double> numbers) const;

  /// Throws Error if a flavour that is not active at the start is not zero in `start`,
  /// [flavour, node].
  void check_start(std::span<const double> start) const;

  /// What determines the matrices, besides kernels and nodes.
  std::string description() const;

 private:
  StrongCoupling coupling_;
  double start_;
  std::vector<double> scales_;
  std::size_t nodes_;
  std::vector<int> flavours_;         // at each scale, then at the start
  std::vector<std::size_t> offsets_;  // of each scale, then of the end
};

}  // namespace femto::qcd
