// The matrices between the start and one scale, applied to all flavours.
#pragma once
#include <cstddef>
#include <span>

#include "femto/qcd/operators.h"

namespace femto::qcd {

/// A view of operator_count() matrices one after the other, see Operator. Densities are
/// [flavour, node] with flavours as in flavours.h.
class ScaleOperators {
 public:
  /// `flavours` are active at the scale, `start_flavours` at the start.
  ScaleOperators(std::size_t nodes,
                 int start_flavours,
                 int flavours,
                 std::span<const double> numbers);

  /// One matrix, column-major [node, x]; `heavy` counts the flavours that joined.
  std::span<const double> matrix(Operator op, std::size_t heavy = 0) const;

  /// Densities at the scale from those at the start.
  void apply(const double* start, double* out) const;

  /// Gradient with respect to the start from that with respect to the result of apply;
  /// zero for flavours not active at the start.
  void pull_back(const double* gradient, double* at_start) const;

 private:
  std::size_t nodes_;
  int start_flavours_, flavours_;
  std::span<const double> numbers_;
};

}  // namespace femto::qcd
