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

struct MinimiseOptions {
  int max_iterations = 200;
  double tolerance = 1e-10;  // on the predicted decrease of the value
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

/// Minimises in smooth internal coordinates that map onto the box. Null directions of the
/// curvature are left alone (minimum-norm step). Falls back to L-BFGS when scoring
/// stalls.
Minimum minimise(const Function& f,
                 std::span<const double> start,
                 std::span<const Bound> box,
                 const MinimiseOptions& options = {});

/// Minimum of f subject to h(x) = target, h given with its gradient. Used by profiles.
struct Constraint {
  std::function<double(std::span<const double>)> value;
  std::function<std::vector<double>(std::span<const double>)> gradient;
  double target = 0;
};

Minimum minimise_on(const Function& f,
                    const Constraint& h,
                    std::span<const double> start,
                    std::span<const Bound> box,
                    const MinimiseOptions& options = {});

}  // namespace femto::stats
