// Structure functions F2 and FL at many scales, linear in the densities at the start.
#pragma once
#include <span>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/qcd/evolution.h"

namespace femto::qcd {

/// On what leptons scatter. Neutron: up and down exchanged (isospin); deuteron: the mean
/// of proton and neutron, per nucleon.
enum class Target { proton, neutron, deuteron };

/// F2 and FL at given x and at every scale of an evolution, mu = Q, with the coefficient
/// functions of the evolution's order (LO: FL = 0). What depends on the model is linear
/// and small: a start gives three functions, the charge-weighted sum of quarks and
/// antiquarks, their plain sum and the gluon; a matrix turns them into F2 or FL at one
/// scale. Hence gradients: E^T g, or many directions at once.
class StructureFunctions {
 public:
  /// `x` in [x_min, 1) of the grid. Throws Error if one is outside.
  StructureFunctions(const Evolution& evolution, std::vector<double> x, Target target);

  std::span<const double> x() const { return x_; }

  std::size_t scales() const { return scales_; }

  /// f2 and fl [direction, scale, x] from momentum densities at the start, [direction,
  /// flavour, node]; any number of directions (one model, or its derivatives).
  void apply(std::span<const double> start,
             std::span<double> f2,
             std::span<double> fl) const;

  /// Gradient with respect to the start, [flavour, node], from those with respect to f2
  /// and fl, [scale, x].
  void pull_back(std::span<const double> f2_gradient,
                 std::span<const double> fl_gradient,
                 std::span<double> at_start) const;

 private:
  std::vector<double> sources(std::span<const double> start,
                              std::size_t directions) const;

  std::vector<double> x_;
  std::size_t nodes_ = 0, scales_ = 0;
  std::array<double, flavour_rows> charge_weight_ = {}, sum_weight_ = {};
  std::vector<double> f2_, fl_;  // [scale, source x node, x]; fl_ empty at LO
};

}  // namespace femto::qcd
