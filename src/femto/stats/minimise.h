// Minimisation of smooth functions in a box: Fisher scoring with line search, L-BFGS
// fallback.
#pragma once
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "femto/core/matrix.h"

namespace femto::stats {

/// A function at one point: value, gradient [P], positive semi-definite curvature [P, P]
/// (expected information or Gauss-Newton).
struct Evaluation {
  double value = 0;
  std::vector<double> gradient;
  Matrix curvature;
};

using Function = std::function<Evaluation(std::span<const double>)>;

/// Box of one coordinate; `fixed` ones do not move.
struct Bound {
  double lo = 0, hi = 1;
  bool fixed = false;
};

/// What the quadratic model of a step is made of. scoring: the function's curvature,
/// corrected by the changes of the gradient over the last steps. lbfgs: those changes
/// alone; the curvature is not read and may be left empty.
enum class Model { scoring, lbfgs };

struct MinimiseOptions {
  int max_iterations = 200;
  double tolerance = 1e-10;  // on the predicted decrease of the value
  Model model = Model::scoring;
  std::function<void(
      int iteration, double value, double gradient_norm, std::span<const double> x)>
      watch;
};

struct Minimum {
  std::vector<double> x;
  Evaluation at;
  bool converged = false;
  int iterations = 0;
  int evaluations = 0;
  std::vector<bool> at_bound;
  std::string message;
};

/// Each step minimises the quadratic model inside the box exactly, in coordinates scaled
/// to unit curvature, and is shortened until the value falls (Armijo). Bounds are met in
/// one step and left again when the gradient says so; a transformation onto the box would
/// put them at infinity (logistic) or make them stationary (sine), and bend a quadratic.
/// Null directions of the curvature (eigenvalues below 1e-10 of the largest, scaled) are
/// left alone. Falls back to L-BFGS when scoring stalls. A value that is not finite
/// rejects a step; at the start, or when no step helps, it is a NumericalError.
/// Source: Nocedal:2006 sections 3.1, 7.2 and 16.5.
Minimum minimise(const Function& f,
                 std::span<const double> start,
                 std::span<const Bound> box,
                 const MinimiseOptions& options = {});

/// h(x) = target, h given with its gradient. Used by profiles.
struct Constraint {
  std::function<double(std::span<const double>)> value;
  std::function<std::vector<double>(std::span<const double>)> gradient;
  double target = 0;
};

/// Minimum of f where h(x) = target, by sequential quadratic steps with the same model
/// and the exact penalty as merit. `start` need not satisfy the constraint. Not converged
/// when the box holds no such point. Source: Nocedal:2006 sections 18.3 to 18.5.
Minimum minimise_on(const Function& f,
                    const Constraint& h,
                    std::span<const double> start,
                    std::span<const Bound> box,
                    const MinimiseOptions& options = {});

}  // namespace femto::stats
