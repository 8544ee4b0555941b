// The quadratic model of one step: scaled curvature, null directions, secant pairs.
#pragma once
#include <deque>
#include <span>
#include <vector>

#include "femto/core/matrix.h"

namespace femto::stats {

/// A positive definite matrix in scaled coordinates z_i = scale_i x_i. `null` holds the
/// directions that the curvature does not see [i, direction], also in z.
struct ScaledModel {
  std::vector<double> scale;
  Matrix b;
  Matrix null;

  /// The part of a gradient in z along the null directions, removed from `g`; returns its
  /// length.
  double remove_null(std::vector<double>& g) const;
};

/// A curvature made fit for steps: unit diagonal by scaling; eigenvalues below 1e-10 of
/// the largest become 1e-8 of it, so that a bound may push along a null direction but
/// nothing else does. `widths` scale coordinates without curvature.
ScaledModel scaled_model(const Matrix& curvature, std::span<const double> widths);

/// A step and the change of the gradient over it.
struct SecantPair {
  std::vector<double> step, change;
};

/// Applies damped BFGS updates to the model, oldest pair first.
/// Source: Nocedal:2006 Eq. (6.19), damping procedure 18.2.
void apply_pairs(ScaledModel& model, const std::deque<SecantPair>& pairs);

/// The model of L-BFGS before its pairs: a multiple of the identity in units of the
/// widths, from the newest pair, or such that the first step is a tenth of a width.
ScaledModel limited_memory_base(std::span<const double> gradient,
                                std::span<const double> widths,
                                const std::deque<SecantPair>& pairs);

}  // namespace femto::stats
