// The generator's raw outputs mapped into the box of the parameters.
#pragma once
#include <vector>

#include "femto/core/matrix.h"
#include "femto/neural/tensor.h"
#include "femto/pipeline/solver.h"

namespace femto::neural {

/// theta = lo + (hi - lo) / (1 + e^-raw); fixed parameters stay at their start.
class Box {
 public:
  explicit Box(const ParameterSetup& setup) : setup_(setup) {}

  /// raw: [set, parameter] -> theta: [set, parameter].
  Matrix theta(const Tensor& raw) const;

  /// dL/d(theta) [set, parameter] -> dL/d(raw), a tensor like `raw`.
  Tensor backward(const Tensor& raw, const Matrix& slope) const;

  /// [parameter] true where a free parameter is within 0.1 % of the width of an end.
  std::vector<bool> at_bound(const std::vector<double>& theta) const;

 private:
  const ParameterSetup& setup_;
};

}  // namespace femto::neural
