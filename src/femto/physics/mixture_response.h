// A smooth response: mixtures of normal densities whose parameters depend on the true
// value.
#pragma once
#include <array>
#include <cstddef>
#include <vector>

#include "femto/core/matrix.h"

namespace femto {

enum class ResponseSpace { linear, log };

/// The coordinate in which a response is a mixture of normal densities: v or ln v.
double coordinate_of(ResponseSpace space, double value);

/// A response at knots that are equally spaced in the coordinate of the true value.
struct ResponseKnots {
  ResponseSpace space = ResponseSpace::linear;
  double true_lo = 0, true_hi = 1;  // values of the first and the last knot
  double lo = 0, hi = 1;            // the measured range
  Matrix logit, mean, log_sd;       // [component, knot]; weights are softmax(logit)
  std::vector<double> detection;    // [knot], logit of its probability; empty: all are
};

/// p(y | x) = efficiency(x) q(y | x); q is a mixture of normal densities in the
/// coordinate, cut off at the ends of the measured range. Between the knots its
/// parameters are cubic, beyond them constant. Const and thread-safe.
class MixtureResponse {
 public:
  static constexpr std::size_t most_components = 5;

  struct Measured {
    double y, slope;  // dy/dx at fixed u
  };

  /// At least five knots and one component.
  explicit MixtureResponse(ResponseKnots knots);

  double lo() const { return knots_.lo; }

  double hi() const { return knots_.hi; }

  /// Whether any event may be lost.
  bool loses() const { return !knots_.detection.empty(); }

  /// Probability that an event at x is measured at all.
  double efficiency(double x) const;

  /// Probability density of y at x; its integral is the efficiency.
  double density(double y, double x) const;

  /// Probability that an event at x that is measured is measured below y.
  double cumulative(double y, double x) const;

  /// Derivatives of ln q(y | x) by a shift of all measured values, in units of their
  /// width at x, and by the logarithm of that width; as if nothing were cut off.
  std::array<double, 2> scores(double y, double x) const;

  /// False for x so far from y that nothing migrates from there or from farther away.
  bool reaches(double y, double x) const;

  /// The measured value of an event that is not lost; u in (0, 1).
  Measured measure(double x, double u) const;

  /// The narrowest width of a density near a true or measured value.
  double narrowest(double value) const;

 private:
  /// The mixture at one true value, with derivatives by its coordinate.
  struct Local {
    std::array<double, most_components> weight, mean, sd;
    std::array<double, most_components> weight_slope, mean_slope, log_sd_slope;
  };

  /// A place among the knots.
  struct Place {
    std::size_t knot;  // on the left
    double part;       // of the way to the next one
    bool inside;       // not beyond the outermost
  };

  /// Of one cell of values: true ones that reach it, and the narrowest width there.
  struct Cell {
    double from, to, width;
  };

  std::size_t components() const { return knots_.logit.rows; }

  std::size_t count() const { return knots_.logit.cols; }

  Place place(double x) const;
  Local local(double x) const;
  double below(const Local& at, double t, double side) const;
  double below_slope(const Local& at, double t, double side) const;
  double mixture(const Local& at, double t) const;
  double solve(const Local& at, double target, double side) const;
  void find_slopes();
  void find_cells();
  void fill_widths();
  std::size_t cell_of(double t) const;

  ResponseKnots knots_;
  double first_ = 0, step_ = 1;  // of the knots' coordinate
  double t_lo_ = 0, t_hi_ = 1;   // ends of the measured range
  Matrix value_, slope_;         // [logit, mean, log_sd, detection; knot]
  double cell_first_ = 0, cell_width_ = 1;
  std::vector<Cell> cells_;
};

}  // namespace femto
