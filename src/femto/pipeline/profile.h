// The profile likelihood of one quantity: points where its rise has a given size.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "femto/stats/minimise.h"

namespace femto {

/// A function of the parameters to make intervals of.
struct Quantity {
  std::string name;
  std::function<double(std::span<const double>)> value;
  std::function<std::vector<double>(std::span<const double>)> gradient;  // [parameter]
};

/// The parameter of this index as a quantity.
Quantity coordinate_quantity(std::string name, std::size_t index, std::size_t parameters);

enum class Side { low, high };

/// The outermost point in one direction where f has risen by `rise` / 2.
struct ProfilePoint {
  std::vector<double> theta;
  double value = 0;       // of the quantity
  double rise = 0;        // 2 [f(theta) - f_min]
  bool at_bound = false;  // the box ends before the rise is reached
  bool converged = false;
  double lower = 0;  // how far f fell below f_min on the way, 0 if it did not
  int evaluations = 0;
};

struct ProfileOptions {
  double tolerance = 1e-4;  // of the end, in standard deviations of the quantity
  int max_evaluations = 100;
};

/// Maximises (or minimises) the quantity subject to f <= f_min + rise / 2 by sequential
/// quadratic programming: each step solves the problem for the local quadratic model of f
/// in the box, with secant updates of the curvature. Where f is a negative log-likelihood
/// this point is the end of the profile likelihood interval. Null directions of the
/// curvature cost nothing and are left alone. Source: Venzon:1988.
ProfilePoint profile_point(const stats::Function& f,
                           const Quantity& quantity,
                           std::span<const double> start,
                           std::span<const stats::Bound> box,
                           double f_min,
                           double rise,
                           Side side,
                           const ProfileOptions& options = {});

}  // namespace femto
